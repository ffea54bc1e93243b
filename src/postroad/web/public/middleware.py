"""Recipients reach the public pages under whatever name their mail gave them."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

PREFIX = "/p/"


def any_host(
    answer: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """The console refuses foreign host names (DNS rebinding).

    A public page has no session to steal, names no host in its answer, and
    must turn no unsubscribe away.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(PREFIX):
            request.META["HTTP_HOST"] = "localhost"
        return answer(request)

    return middleware
