"""The launch: said in numbers and words first, then done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from postroad.app import RunHead
from postroad.core.estimate import Allowance, estimate
from postroad.core.ids import RunId
from postroad.core.launching import is_unkind, must_type, to_send
from postroad.core.limit import LimitKind
from postroad.core.running import (
    AlreadyLaunched,
    BadTime,
    CountDiffers,
    Launched,
    LaunchOutcome,
    NotReady,
)
from postroad.core.saved import Gone
from postroad.web.console import figures
from postroad.web.console.limit.words import limit_words
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, see_other
from postroad.web.console.tags import lane_name

from .acts import ACTOR
from .forms import LaunchForm
from .pages import head_context, run_or_404


@dataclass(frozen=True, slots=True)
class LocalStart:
    """When a run starts for the recipients of one zone. `is_unkind`: they are asleep."""

    zone: str
    starts: str
    count: int
    is_unkind: bool


@require_http_methods(["GET", "POST"])
def launch(request: Request, run_id: int) -> HttpResponse:
    run = run_or_404(request, run_id)
    if request.method == "GET":
        zone = request.app.runs.preferences().zone
        initial = {"when": "now", "zone": _zone_or_ours(zone), "date": run.read_at.date()}
        return ask(request, "run/launch.html", _context(request, run, LaunchForm(initial=initial)))
    form = LaunchForm(request.POST)
    if not form.is_valid():
        return ask(request, "run/launch.html", _context(request, run, form), status=422)
    when, typed = form.to_command()
    outcome = request.app.runs.launch(run.id, when, typed, ACTOR)
    return _answer(request, run, form, outcome)


def _answer(
    request: Request, run: RunHead, form: LaunchForm, outcome: LaunchOutcome
) -> HttpResponse:
    match outcome:
        case Launched():
            undo = "" if outcome.is_released else reverse("web:run-undo", args=[run.id])
            return see_other(request, "web:run", run.id, toast=_said(outcome), undo=undo)
        case AlreadyLaunched(state):
            return see_other(request, "web:run", run.id, toast=f"The run is {state} already.")
        case NotReady(_, text):
            return see_other(request, "web:run", run.id, toast=text)
        case CountDiffers():
            form.add_error("typed", outcome.text)
        case BadTime(faults):
            for name, fault in faults.items():
                form.add_error(name, fault)
        case Gone(text):
            return see_other(request, "web:home", toast=text)
        case _:
            assert_never(outcome)
    return ask(request, "run/launch.html", _context(request, run, form), status=422)


def _said(launched: Launched) -> str:
    zone = timezone.get_current_timezone()
    at = figures.moment(launched.release_at, timezone.now(), zone)
    mails = f"{figures.number(launched.mails)} mail{'' if launched.mails == 1 else 's'}"
    said = f"Launched {mails}" if launched.is_released else f"Launched: {mails} start at {at}"
    return f"{said}. {launched.note}".strip() if launched.note else f"{said}."


def _context(request: Request, run: RunHead, form: LaunchForm) -> dict[str, Any]:
    mails = to_send(request.app.runs.counts(RunId(run.id)))
    undo = request.app.runs.preferences().undo_seconds
    takes = estimate(mails, request.app.limits.allowances(RunId(run.id)))
    starts_at = run.read_at + timedelta(seconds=undo)
    return {
        **head_context(run),
        "form": form,
        "mails": mails,
        "must_type": must_type(mails),
        "undo_seconds": undo,
        "patience": request.app.attention.policy_after_seconds,
        "takes": "" if takes is None else figures.duration(max(1, takes.seconds)),
        "bound": "" if takes is None else _bound(takes.by),
        "left_out": run.recipients - mails,
        "starts": _local_starts(request, run, starts_at),
    }


def _bound(by: Sequence[Allowance]) -> str:
    """Whose limits say how long it takes."""
    one = by[0]
    if len(by) > 1:
        return (
            f"the limits of {', '.join(each.name for each in by[:-1])} and {by[-1].name} together"
        )
    whose = {
        LimitKind.RELAY: f"the limits of {one.name}",
        LimitKind.LANE: f"the limits of the lane {lane_name(one.name)}",
        LimitKind.CAMPAIGN: "the campaign’s own limits",
    }
    return f"{whose[one.kind]} ({', '.join(limit_words(one.limits))})"


def _local_starts(request: Request, run: RunHead, at: datetime) -> list[LocalStart]:
    """By zone of the recipients, for a launch now; nothing where no zone is known."""
    found = request.app.runs.zones(RunId(run.id))
    known = [(zone, count) for zone, count in found.items() if zone]
    return [
        LocalStart(zone, f"{local:%H:%M}", count, is_unkind(local))
        for zone, count in known[:8]
        for local in [at.astimezone(ZoneInfo(zone))]
    ]


def _zone_or_ours(zone: str) -> str:
    ours = timezone.get_current_timezone_name()
    return zone if zone != "UTC" else ours
