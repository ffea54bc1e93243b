"""Pages for what went wrong. Each says what happened, then what to do."""

import sys

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from postroad.web.console.request import is_fragment


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    match exception:
        case RequestDataTooBig():
            return too_large(request)
        case TooManyFilesSent() | TooManyFieldsSent():
            return _page(
                request,
                413,
                "These are too many at once",
                "Nothing was changed. Choose fewer: at most 100 files, and 900 lines of a list.",
            )
    return _page(
        request,
        400,
        "This request cannot be read",
        "Its address or its form is not as the console makes them. Go back and try once more.",
    )


def too_large(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        413,
        "This is more than a page takes",
        "Nothing was changed. A long list of people: import it as a CSV file. A very large file "
        "of them: import it in parts. A letter takes at most 2 MB, its attachments 25 MB together.",
    )


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        "This is not open to you",
        "Sign in again, or run `postroad link` on the machine for a new sign-in link.",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        "There is nothing here",
        "It may have been deleted, or the address has a typing error. The navigation leads on.",
    )


_DISK_FULL = "53100"
"""PostgreSQL's word for it (SQLSTATE)."""


def crashed(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    if getattr(error and error.__cause__, "sqlstate", "") == _DISK_FULL:
        return _page(
            request,
            507,
            "The disk is full",
            "Nothing was changed by this page, and nothing that was acknowledged is lost. Free "
            "space on the machine of the database and try again: what runs goes on by itself.",
        )
    return _page(
        request,
        500,
        "The console made a mistake",
        "Nothing was changed by this page. Try once more; if it stays so, the log has the cause, "
        "and `postroad doctor` looks at the rest.",
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF: the form is from another sign-in, or cookies are off."""
    return _page(
        request,
        403,
        "This form is out of date",
        "It was opened before you signed in, or the browser keeps no cookies. "
        "Go back, reload the page and send it again.",
    )


def locked(request: HttpRequest) -> HttpResponse:
    """Too many wrong passwords from one address."""
    return _page(
        request,
        429,
        "Too many wrong passwords",
        "Wait 15 minutes, or run `postroad link` on the machine: its link signs in at once.",
    )


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Without the navigation's figures: what broke may be the database."""
    context = {"title": title, "text": text, "status": status, "theme": _theme(request)}
    template = "shell/_error.html" if is_fragment(request) else "shell/error.html"
    return HttpResponse(render_to_string(template, context), status=status)


def _theme(request: HttpRequest) -> str:
    theme = request.COOKIES.get("postroad_theme", "")
    return theme if theme in ("light", "dark") else ""
