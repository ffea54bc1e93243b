"""The ways in which a view answers."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, Literal, TypedDict

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header

from .request import Request, is_fragment, is_signed_in
from .shell.nav import nav_context

Context = Mapping[str, Any]
Theme = Literal["light", "dark", ""]

_TOAST: Final = "toast"
_STOP_POLLING: Final = 286
"""htmx ends the polling of a region that is answered so, and still swaps it."""


_CSRF_VALUE: Final = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"')
"""Differs at every rendering, and says nothing."""


class SeeOther(HttpResponseRedirect):
    """What was posted is done; look there with a GET (RFC 9110, 15.4.4)."""

    status_code = 303


class Toast(TypedDict):
    """`undo` is the URL to POST to, '' when there is nothing to undo."""

    text: str
    undo: str


def page(
    request: Request, template: str, context: Context | None = None, *, status: int = 200
) -> HttpResponse:
    """A whole page in the shell: navigation, theme, and the toast of the last act."""
    return HttpResponse(
        render_to_string(template, _shell(request) | dict(context or {}), request), status=status
    )


def form_page(request: Request, template: str, context: Context) -> HttpResponse:
    """A page about a form: 422 when what was sent stands on it with its faults."""
    return page(request, template, context, status=422 if context["form"].is_bound else 200)


def ask(
    request: Request, template: str, context: Context | None = None, *, status: int = 200
) -> HttpResponse:
    """A question. Into a dialog when a page's link opens it, else as a page of its own.

    The template extends `ask_base` and fills the blocks of shell/ask.html.
    """
    if is_fragment(request):
        merged = {"ask_base": "shell/_ask.html"} | dict(context or {})
        return HttpResponse(render_to_string(template, merged, request), status=status)
    return page(
        request, template, {"ask_base": "shell/ask.html"} | dict(context or {}), status=status
    )


def live(
    request: Request, template: str, context: Context | None = None, *, over: bool = False
) -> HttpResponse:
    """A fragment that a live region polls.

    204 when the region shows exactly this already (`seen` is the hash of what
    it got last), 286 when it is `over` and polling ends, else 200.
    """
    body = render_to_string(template, dict(context or {}), request)
    seen = hashlib.sha256(_CSRF_VALUE.sub("", body).encode()).hexdigest()[:16]
    if over:
        response = HttpResponse(body, status=_STOP_POLLING)
    elif request.GET.get("seen") == seen:
        response = HttpResponse(status=204)
    else:
        response = HttpResponse(body)
    response["X-Seen"] = seen
    response["Cache-Control"] = "no-store"
    return response


def see_other(
    request: Request, to: str, *args: object, toast: str = "", undo: str = ""
) -> HttpResponse:
    """303 to a URL name (with its arguments) or a path of ours, after a POST that did its work.

    `toast` is shown there once; `undo` is the URL that its Undo posts to.
    """
    if toast:
        request.session[_TOAST] = Toast(text=toast, undo=undo)
    return SeeOther(resolve_url(to, *args))


def preview(html: str) -> HttpResponse:
    """Somebody's HTML, for `<iframe sandbox src>` only: no script, nothing from outside.

    Its own policy, since `srcdoc` would inherit ours and lose the mail's styles.
    """
    response = HttpResponse(html)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
        "frame-ancestors 'self'; sandbox"
    )
    response["Cache-Control"] = "no-store"
    return response


def attachment(body: bytes | str, name: str, media_type: str) -> HttpResponse:
    """A file to save. `name` may hold any characters."""
    response = HttpResponse(body, content_type=media_type)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response


def _shell(request: Request) -> dict[str, Any]:
    theme = request.COOKIES.get("postroad_theme", "")
    context: dict[str, Any] = {
        "theme": theme if theme in ("light", "dark") else "",
        "now": request.app.clock.now(),
    }
    if is_signed_in(request):
        context |= nav_context(request)
        context["manager"] = request.user.first_name or "Manager"
        context["toast"] = request.session.pop(_TOAST, None)
    return context
