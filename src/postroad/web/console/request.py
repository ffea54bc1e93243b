"""The request as our views get it."""

from django.contrib.auth.models import User
from django.http import HttpRequest

from postroad.app import App


class Request(HttpRequest):
    """`app` is set by middleware; `user` is the manager, since strangers get no further."""

    app: App
    user: User


def is_signed_in(request: HttpRequest) -> bool:
    """False for a stranger, whose `user` is Django's anonymous one."""
    return bool(request.user.is_authenticated)


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"
