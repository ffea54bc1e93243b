"""The sandbox inbox: every mail that would have left, and did not."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from postroad.web.console.request import Request
from postroad.web.console.respond import attachment, page, preview

_PAGE_SIZE: Final = 50
_SHOWN: Final = ("html", "text", "headers", "source")
_SOURCE_SHOWN: Final = 100_000
"""Characters of the source on the page; the download has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mail in the list; `message_id` without angle brackets."""

    id: int
    at: datetime
    sender: str
    recipient: str
    subject: str
    message_id: str
    size: int


@require_GET
def mails(request: Request) -> HttpResponse:
    search = request.GET.get("q", "").strip().replace("\0", "")
    before = _number(request.GET.get("before", ""))
    found = request.app.inbox.page(before, _PAGE_SIZE + 1, search)
    rows = [_line(entry) for entry in found[:_PAGE_SIZE]]
    context: dict[str, Any] = {
        "rows": rows,
        "search": search,
        "total": request.app.inbox.count(),
        "is_first": before is None,
        "newest": _url(search),
        "older": _url(search, rows[-1].id) if len(found) > _PAGE_SIZE else "",
    }
    return page(request, "inbox/list.html", context)


@require_GET
def mail(request: Request, number: int) -> HttpResponse:
    found = _mail(request, number)
    read = request.app.mails.read(found.content)
    wanted = request.GET.get("show", "html" if read.html else "text")
    context = {
        "mail": _line(found.entry),
        "read": read,
        "shown": wanted if wanted in _SHOWN else "text",
        "tabs": _SHOWN,
        "source": found.content[:_SOURCE_SHOWN].decode("utf-8", "replace"),
        "is_cut": len(found.content) > _SOURCE_SHOWN,
    }
    return page(request, "inbox/detail.html", context)


@require_GET
def html(request: Request, number: int) -> HttpResponse:
    return preview(request.app.mails.read(_mail(request, number).content).html)


@require_GET
def download(request: Request, number: int) -> HttpResponse:
    return attachment(_mail(request, number).content, f"inbox-{number}.eml", "message/rfc822")


@require_GET
def file(request: Request, number: int, place: int) -> HttpResponse:
    found = request.app.mails.read_file(_mail(request, number).content, place)
    if found is None:
        raise Http404
    return attachment(found[1], found[0].name or "file", "application/octet-stream")


def _mail(request: Request, number: int) -> Any:
    found = request.app.inbox.get(number) if number < 2**62 else None
    if found is None:
        raise Http404
    return found


def _line(entry: Any) -> Line:
    at = datetime.fromtimestamp(entry.at, UTC)
    message_id = entry.message_id.strip("<>")
    return Line(entry.id, at, entry.sender, entry.recipient, entry.subject, message_id, entry.size)


def _url(search: str, before: int | None = None) -> str:
    asked: dict[str, object] = {"q": search} if search else {}
    asked |= {"before": before} if before else {}
    return reverse("web:inbox-list") + (f"?{urlencode(asked)}" if asked else "")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 19 else None
