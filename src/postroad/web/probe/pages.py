"""What machines ask: does this process answer, is the product ready, what are the figures.

No session and no cookie. The first two tell strangers a word and no more; the
figures are for this machine, and for who has the token.
"""

import ipaddress
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from postroad.web.console.request import Request

from .exposition import exposed

_FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")
_OURS = ("127.0.0.1", "localhost", "[::1]")
PATHS = ("/healthz", "/readyz")
"""Asked for under any host name: an address, as container platforms do."""


def any_host(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Probes name an address as the host; they learn nothing by it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info in PATHS:
            request.META["HTTP_HOST"] = "localhost"
        return answer(request)

    return middleware


@login_not_required
@require_safe
def health(request: Request) -> HttpResponse:
    """Said by the process itself, which asks nobody else."""
    return _plain(JsonResponse({"healthy": True}))


@login_not_required
@require_safe
def readiness(request: Request) -> HttpResponse:
    """Are database, schema and the configured broker there? 503 names what is missing."""
    missing = request.app.status.missing()
    body = {"ready": not missing, "missing": missing}
    return _plain(JsonResponse(body, status=503 if missing else 200))


@login_not_required
@require_safe
def metrics(request: Request) -> HttpResponse:
    """The Prometheus text format. 401 for everybody but this machine and who has the token."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    has_token = kind.lower() == "bearer" and request.app.status.may_read(token.strip())
    if not has_token and not _is_this_machine(request):
        refused = HttpResponse("Send the token of POSTROAD_METRICS_TOKEN as a bearer.", status=401)
        refused["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return _plain(refused)
    body = exposed(request.app.status.metrics())
    return _plain(HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_1_0_0))


def _is_this_machine(request: HttpRequest) -> bool:
    """Straight from here: neither through a proxy, nor from a page of another name in a browser."""
    if any(name in request.META for name in _FORWARDED):
        return False
    host = request.get_host()
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    try:
        is_loopback = ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return is_loopback and name in _OURS


def _plain(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response
