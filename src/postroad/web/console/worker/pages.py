"""The worker processes, live."""

from collections import Counter
from typing import Any, assert_never
from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from postroad.actions.drain_worker import Draining
from postroad.actions.end_rest import WorksAgain
from postroad.actions.undo_drain import Stays
from postroad.core.saved import Gone
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, live, page, see_other

_TONES = {"alive": "ok", "draining": "warn", "ended": "idle", "silent": "bad"}


@require_GET
def workers(request: Request) -> HttpResponse:
    return page(request, "worker/list.html", _context(request))


@require_GET
def rows(request: Request) -> HttpResponse:
    return live(request, "worker/_rows.html", _context(request))


@require_http_methods(["GET", "HEAD", "POST"])
def drain(request: Request, worker_id: UUID) -> HttpResponse:
    """GET asks, POST does."""
    if request.method == "POST":
        return _drained(request, worker_id)
    context = _context(request)
    worker = next((row for row in context["workers"] if row.id == worker_id), None)
    if worker is None:
        raise Http404
    is_last = context["alive"] == 1 and worker.is_alive
    return ask(request, "worker/drain.html", {"worker": worker, "is_last": is_last})


def _drained(request: Request, worker_id: UUID) -> HttpResponse:
    outcome = request.app.workers.drain(worker_id, "manager")
    match outcome:
        case Draining(was_already):
            said = "It drains already" if was_already else "It finishes what is begun and exits"
            undo = reverse("web:worker-drain-undo", args=[worker_id])
            return see_other(request, "web:worker-list", toast=said, undo=undo)
        case Gone(text):
            return see_other(request, "web:worker-list", toast=text)
        case _:
            assert_never(outcome)


@require_POST
def undo_drain(request: Request, worker_id: UUID) -> HttpResponse:
    match request.app.workers.undo_drain(worker_id, "manager"):
        case Stays():
            return see_other(request, "web:worker-list", toast="It goes on working")
        case Gone(text):
            return see_other(request, "web:worker-list", toast=text)
        case other:
            assert_never(other)


@require_POST
def end_rest(request: Request) -> HttpResponse:
    host, slot = request.POST.get("host", ""), request.POST.get("slot", "")
    match request.app.workers.end_rest(host, slot, "manager"):
        case WorksAgain():
            return see_other(request, "web:worker-list", toast=f"{slot} works again in a moment")
        case Gone(text):
            return see_other(request, "web:worker-list", toast=text)
        case other:
            assert_never(other)


def _context(request: Request) -> dict[str, Any]:
    found = request.app.workers.all()
    versions = Counter(worker.version for worker in found if worker.is_alive)
    return {
        "workers": found,
        "resting": request.app.workers.resting(),
        "present": [worker for worker in found if worker.ended_at is None],
        "ended": [worker for worker in found if worker.ended_at is not None],
        "versions": sorted(versions.items()) if len(versions) > 1 else [],
        "rate": sum(worker.rate for worker in found if worker.is_alive),
        "tones": _TONES,
        "alive": sum(1 for worker in found if worker.is_alive),
        "in_flight": sum(worker.in_flight for worker in found if worker.is_alive),
    }
