"""What a proxy in front tells of the browser behind it: its address, and whether it came by TLS.

Anybody can write such headers, so only those of a proxy that was named are believed.
"""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from postroad.settings import Network


def seen_through(environ: dict[str, Any], proxies: Sequence[Network]) -> dict[str, Any]:
    """The WSGI environment as the outermost trusted proxy saw the request.

    The rightmost address that is no proxy of ours counts: what stands left of
    it was written by whoever asks. The headers themselves stay.
    """
    if not _is_among(environ.get("REMOTE_ADDR", ""), proxies):
        return environ
    told = dict(environ)
    path = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    browser = next((each for each in reversed(path) if not _is_among(each, proxies)), "")
    if _is_address(browser):
        told["REMOTE_ADDR"] = browser
    if environ.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower() == "https":
        told["wsgi.url_scheme"] = "https"
    return told


def _is_among(address: str, proxies: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    one = ipaddress.ip_address(address)
    return any(one in proxy for proxy in proxies)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def secure_cookies(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A cookie that was given by TLS is never sent without.

    Not for all: on this machine the console is asked for without TLS, and a
    browser would not send it back.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        if request.is_secure():
            for cookie in response.cookies.values():
                cookie["secure"] = True
        return response

    return middleware
