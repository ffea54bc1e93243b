"""What the manager does to a run. Each is a POST that is safe to press twice."""

from typing import assert_never

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from postroad.core.campaign import Severity
from postroad.core.ids import CampaignId, RunId
from postroad.core.running import (
    ActOutcome,
    AlreadySo,
    Blocked,
    Changed,
    Done,
    NotPossible,
    StopOutcome,
    Stopped,
    VerifyOutcome,
    VerifyStarted,
)
from postroad.core.saved import Gone
from postroad.web.console import figures
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, live, page, see_other

from .pages import head_context, run_or_404, url_or_nothing

ACTOR = "manager"
_TONES = {Severity.RED: "bad", Severity.YELLOW: "warn", Severity.BLUE: ""}


@require_POST
def pause(request: Request, run_id: int) -> HttpResponse:
    outcome = request.app.runs.pause(RunId(run_id), ACTOR)
    undo = reverse("web:run-resume", args=[run_id])
    return _answer(request, run_id, outcome, "Paused. No further mail begins.", undo)


@require_POST
def resume(request: Request, run_id: int) -> HttpResponse:
    outcome = request.app.runs.resume(RunId(run_id), ACTOR)
    return _answer(request, run_id, outcome, "It goes on where it was.")


@require_POST
def undo(request: Request, run_id: int) -> HttpResponse:
    outcome = request.app.runs.undo_launch(RunId(run_id), ACTOR)
    return _answer(request, run_id, outcome, "The launch is undone. Nothing was sent.")


def _answer(
    request: Request, run_id: int, outcome: ActOutcome, done: str, undo: str = ""
) -> HttpResponse:
    match outcome:
        case Done():
            return see_other(request, "web:run", run_id, toast=done, undo=undo)
        case AlreadySo(state):
            return see_other(request, "web:run", run_id, toast=f"The run is {state} already.")
        case NotPossible(_, text):
            return see_other(request, "web:run", run_id, toast=text)
        case Gone(text):
            return see_other(request, "web:home", toast=text)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "POST"])
def stop(request: Request, run_id: int) -> HttpResponse:
    """GET asks, with live figures; POST stops in one click."""
    if request.method == "POST":
        return _stopped(request, run_id, request.app.runs.stop(RunId(run_id), ACTOR))
    return ask(request, "run/stop.html", _stop_context(request, run_id))


@require_GET
def stop_figures(request: Request, run_id: int) -> HttpResponse:
    """The dialog's figures as they are now."""
    return live(request, "run/_stop_figures.html", _stop_context(request, run_id))


def _stop_context(request: Request, run_id: int) -> dict[str, object]:
    run = run_or_404(request, run_id)
    return {**head_context(run), "moving": request.app.runs.progress(run)}


def _stopped(request: Request, run_id: int, outcome: StopOutcome) -> HttpResponse:
    match outcome:
        case Stopped(in_flight, purged):
            text = f"Stopped. {figures.number(purged)} waiting are purged"
            if in_flight:
                text += f", {figures.number(in_flight)} in SMTP still get their reply"
            text += "."
            return see_other(request, "web:run", run_id, toast=text)
        case AlreadySo(state):
            return see_other(request, "web:run", run_id, toast=f"The run is {state} already.")
        case NotPossible(_, text):
            return see_other(request, "web:run", run_id, toast=text)
        case Gone(text):
            return see_other(request, "web:home", toast=text)
        case _:
            assert_never(outcome)


@require_POST
def verify(request: Request, campaign_id: int) -> HttpResponse:
    return _verified(request, campaign_id, request.app.runs.verify(CampaignId(campaign_id), ACTOR))


@require_POST
def again(request: Request, run_id: int) -> HttpResponse:
    """Prepare again: the verified run is abandoned and the next is made, of what is there now."""
    run = run_or_404(request, run_id)
    abandoned = request.app.runs.abandon(run.id, ACTOR)
    if isinstance(abandoned, NotPossible):
        return see_other(request, "web:run", run_id, toast=abandoned.text)
    outcome = request.app.runs.verify(CampaignId(run.campaign_id), ACTOR)
    return _verified(request, run.campaign_id, outcome)


def _verified(request: Request, campaign_id: int, outcome: VerifyOutcome) -> HttpResponse:
    match outcome:
        case VerifyStarted(run_id, is_new):
            toast = "" if is_new else "This campaign has a run that waits for launch: here it is."
            return see_other(request, "web:run", run_id, toast=toast)
        case Blocked(checks):
            rows = [(_TONES[check.severity], check.text) for check in checks]
            context = {"checks": rows, "to": _mends(campaign_id)}
            return page(request, "run/blocked.html", context, status=422)
        case Changed(text):
            context = {"text": text, "to": _mends(campaign_id)}
            return page(request, "run/blocked.html", context, status=409)
        case Gone(text):
            return see_other(request, "web:home", toast=text)
        case _:
            assert_never(outcome)


def _mends(campaign_id: int) -> dict[str, str]:
    return {"campaign": url_or_nothing("web:campaign", campaign_id)}
