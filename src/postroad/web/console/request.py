"""The request as our views get it."""

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict

from postroad.app import App


class Request(HttpRequest):
    """`app` is set by middleware; `user` is the manager, since strangers get no further."""

    app: App
    user: User


def is_signed_in(request: HttpRequest) -> bool:
    """False for a stranger, whose `user` is Django's anonymous one."""
    return bool(request.user.is_authenticated)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to. An empty POST is bound too, so that its faults are shown."""
    return request.POST if request.method == "POST" else None


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"
