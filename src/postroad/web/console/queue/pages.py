"""The two queues by lane, live."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.app import QueueFigure
from postroad.web.console.request import Request
from postroad.web.console.respond import live, page

_STALE_SECONDS = 30.0
"""Figures older than this are told to be so: no worker has counted since."""


@dataclass(frozen=True, slots=True)
class _Queue:
    """One stage as it is shown, a figure a lane."""

    stage: str
    icon: str
    url: str
    figures: Sequence[QueueFigure]

    @property
    def waiting(self) -> int:
        return sum(figure.waiting_mails for figure in self.figures)

    @property
    def batches(self) -> int:
        return sum(figure.waiting_batches for figure in self.figures)

    @property
    def owned(self) -> int:
        return sum(figure.owned_mails for figure in self.figures)


@require_GET
def queues(request: Request) -> HttpResponse:
    return page(request, "queue/list.html", _context(request))


@require_GET
def rows(request: Request) -> HttpResponse:
    return live(request, "queue/_rows.html", _context(request))


def _context(request: Request) -> dict[str, Any]:
    found = request.app.queues.figures()
    age = found.age_seconds
    return {
        "queues": [
            _Queue("prepare", "template", "web:queue-purge-prepare", found.of("prepare")),
            _Queue("dispatch", "send", "web:queue-purge-dispatch", found.of("dispatch")),
        ],
        "purging": sum(figure.waiting_mails for figure in found.of("purge")),
        "is_never": age is None,
        "stale_seconds": age if age is not None and age > _STALE_SECONDS else None,
    }
