"""One mail of one run: its road, its bytes, and the person's road over all runs."""

import hashlib
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from postroad.core.dead_letter import Letter, advice_on
from postroad.core.ids import RunId
from postroad.web.console import bars
from postroad.web.console.request import Request
from postroad.web.console.respond import attachment, live, page, preview

from .stops import stops

_SHOWN: Final = ("text", "html", "headers", "source")
_SOURCE_SHOWN: Final = 100_000
"""Characters of the source on the page; the download has all."""


@require_GET
def detail(request: Request, run_id: int, n: int) -> HttpResponse:
    context = _context(request, run_id, n)
    mail = context["mail"]
    before = request.GET.get("before", "")
    road = request.app.mails.road(
        mail.hash, mail.address, int(before) if before.isdecimal() and len(before) < 19 else None
    )
    sent = _sent(request, mail)
    return page(request, "delivery/detail.html", context | {"person": road, "sent": sent})


@require_GET
def road(request: Request, run_id: int, n: int) -> HttpResponse:
    context = _context(request, run_id, n)
    return live(request, "delivery/_road.html", context, over=context["mail"].is_over)


@require_GET
def html(request: Request, run_id: int, n: int) -> HttpResponse:
    return preview(request.app.mails.read(_source(request, run_id, n)).html)


@require_GET
def download(request: Request, run_id: int, n: int) -> HttpResponse:
    source = _source(request, run_id, n)
    return attachment(source, f"run-{run_id}-recipient-{n}.eml", "message/rfc822")


@require_GET
def file(request: Request, run_id: int, n: int, place: int) -> HttpResponse:
    found = request.app.mails.read_file(_source(request, run_id, n), place)
    if found is None:
        raise Http404
    return attachment(found[1], found[0].name or "file", "application/octet-stream")


def _context(request: Request, run_id: int, n: int) -> dict[str, Any]:
    mail = request.app.mails.delivery(run_id, n)
    if mail is None:
        raise Http404
    return {
        "mail": mail,
        "now": request.app.clock.now(),
        "tones": bars.TONES,
        "patience": request.app.attention.policy_after_seconds,
        "stops": stops(mail, mail.facts),
        "letter": Letter(RunId(run_id), n, mail.attempt),
        "advice": advice_on(mail.cause, mail.attention or "") if mail.cause else None,
    }


def _sent(request: Request, mail: Any) -> dict[str, Any]:
    """What the card "What was sent" shows. `source` None: nothing was prepared."""
    source = request.app.mails.source(RunId(mail.run_id), mail.n)
    wanted = request.GET.get("show", "text")
    shown = wanted if wanted in _SHOWN else "text"
    if source is None:
        return {"source": None, "shown": shown, "tabs": _SHOWN}
    return {
        "source": source[:_SOURCE_SHOWN].decode("utf-8", "replace"),
        "is_cut": len(source) > _SOURCE_SHOWN,
        "size": len(source),
        "is_as_prepared": hashlib.sha256(source).digest() == mail.sha256,
        "read": request.app.mails.read(source),
        "shown": shown,
        "tabs": _SHOWN,
    }


def _source(request: Request, run_id: int, n: int) -> bytes:
    source = request.app.mails.source(RunId(run_id), n)
    if source is None:
        raise Http404
    return source
