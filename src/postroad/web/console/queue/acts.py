"""The two dangers over all runs. GET asks with numbers, POST does; both are safe to press twice."""

from typing import Final

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from postroad.core.queue import QueueStage
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, see_other

ACTOR: Final = "manager"
WORD: Final = "stop"
"""Typed to stop everything."""


@require_http_methods(["GET", "HEAD", "POST"])
def purge(request: Request, stage: QueueStage) -> HttpResponse:
    if request.method == "POST":
        outcome = request.app.queues.purge(stage, ACTOR)
        return see_other(request, "web:queue-list", toast=outcome.text)
    context = {"stage": stage, "waits": request.app.queues.waiting(stage)}
    return ask(request, "queue/purge.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def stop_everything(request: Request) -> HttpResponse:
    context = {"word": WORD, "live": request.app.queues.live(), "is_wrong": False}
    if request.method != "POST":
        return ask(request, "queue/stop_everything.html", context)
    if request.POST.get("typed", "").strip().lower() != WORD:
        wrong = context | {"is_wrong": True}
        return ask(request, "queue/stop_everything.html", wrong, status=422)
    outcome = request.app.queues.stop_everything(ACTOR)
    return see_other(request, "web:queue-list", toast=outcome.text)
