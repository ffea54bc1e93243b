"""The public pages: no session, no cookie, nothing but a token in the address."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from postroad.core.unsubscribe import NoSuchMail
from postroad.web.console.request import Request

_POLICY: Final = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: Request, token: str) -> HttpResponse:
    """GET shows a button and changes nothing, so that a scanner may open it.

    A POST is the person's wish, by that button or by their mail program (RFC
    8058): its body is not even read, whatever its type; the token is the proof.
    """
    public = request.app.public
    found = public.unsubscribe(token) if request.method == "POST" else public.look_at(token)
    if isinstance(found, NoSuchMail):
        return _answer("unknown.html", status=404)
    return _answer("unsubscribe.html", {"found": found})


@csrf_exempt
@login_not_required
def unknown(request: HttpRequest) -> HttpResponse:
    """Everything else under /p/."""
    return _answer("unknown.html", status=404)


def _answer(
    template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """Not kept, not indexed, and the address is told to nobody."""
    response = HttpResponse(render_to_string(template, dict(context or {})), status=status)
    response["Content-Security-Policy"] = _POLICY
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
