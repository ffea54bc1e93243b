"""Puts the App on the request, so that views have all they may use in one place."""

from collections.abc import Callable
from typing import cast

from django.http import HttpRequest, HttpResponse

from postroad.app import App
from postroad.web.wsgi import APP_KEY

from .request import Request


def with_app(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        cast("Request", request).app = cast("App", request.META[APP_KEY])
        return answer(request)

    return middleware
