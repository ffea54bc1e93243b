"""A line of the log for each request that was answered.

The page is told by its route and its numbers: a path or a query can hold an
address, a one-time link, or the token of somebody's unsubscribe page.
"""

import time
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse

_log = structlog.get_logger()
_SLOW_SECONDS: Final = 1.0
_FAULT: Final = 400


def access_log(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Polls of live regions come each second and are told only when slow or refused."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = answer(request)
        took = time.perf_counter() - began
        match = request.resolver_match
        route = f"/{match.route}" if match else None
        is_poll = (route or "").rstrip("/").rpartition("/")[2].startswith("_")
        if not is_poll or took > _SLOW_SECONDS or response.status_code >= _FAULT:
            numbers = {
                name: value
                for name, value in (match.kwargs if match else {}).items()
                if isinstance(value, int)
            }
            _log.info(
                "answered",
                method=request.method,
                route=route,
                status=response.status_code,
                ms=round(took * 1000, 1),
                **numbers,
            )
        return response

    return middleware
