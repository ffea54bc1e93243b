"""What happens to every request before a view: it is measured, and gets the App."""

from collections.abc import Callable
from typing import Final, cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from postroad.app import App
from postroad.web.public.middleware import PREFIX
from postroad.web.wsgi import APP_KEY

from .request import Request, is_signed_in
from .shell.errors import too_large

_MEGABYTE: Final = 1024 * 1024
FROM_STRANGERS: Final = 64 * 1024
"""Octets of a body: a password, and nothing that would have to go to the disk."""
OF_A_FORM: Final = 64 * _MEGABYTE
"""A letter with its attachments, as the form itself judges them, and room for the rest."""
OF_AN_IMPORT: Final = 2048 * _MEGABYTE


def bounded(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses a body that is too large before any of it is read.

    The public pages read none; an unsubscribe is never turned away.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        size = request.headers.get("Content-Length", "")
        octets = int(size) if size.isascii() and size.isdecimal() else 0
        is_bounded = octets > FROM_STRANGERS and not request.path_info.startswith(PREFIX)
        return too_large(request) if is_bounded and octets > _limit(request) else answer(request)

    return middleware


def _limit(request: HttpRequest) -> int:
    if not is_signed_in(request):
        return FROM_STRANGERS
    return OF_AN_IMPORT if request.path_info == reverse("web:contact-import") else OF_A_FORM


def with_app(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        cast("Request", request).app = cast("App", request.META[APP_KEY])
        return answer(request)

    return middleware
