"""A run while it lives: the live page, its buttons, and who has it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from postroad.app import RunHead, RunProgress
from postroad.core.ids import RunId
from postroad.web.console import figures
from postroad.web.console.limit.words import held_words
from postroad.web.console.request import Request
from postroad.web.console.respond import live, page, see_other


@require_GET
def detail(request: Request, run_id: int) -> HttpResponse:
    """Ready: the report. Before and after: the live page."""
    run = run_or_404(request, run_id)
    if run.is_ready:
        return see_other(request, "web:run-report", run_id)
    return page(request, "run/detail.html", context_of(request, run))


@require_GET
def progress(request: Request, run_id: int) -> HttpResponse:
    """All that moves by itself. A run that became ready leads to its report."""
    run = run_or_404(request, run_id)
    context = context_of(request, run)
    response = live(request, "run/_progress.html", context, over=context["is_over"])
    if run.is_ready:
        response["HX-Redirect"] = reverse("web:run-report", args=[run_id])
    return response


@require_GET
def head(request: Request, run_id: int) -> HttpResponse:
    """State and buttons."""
    return live(request, "run/_head.html", head_context(run_or_404(request, run_id)))


def run_or_404(request: Request, run_id: int) -> RunHead:
    run = request.app.runs.head(RunId(run_id))
    if run is None:
        raise Http404
    return run


def head_context(run: RunHead) -> dict[str, Any]:
    return {"run": run, "links": links(run)}


def context_of(request: Request, run: RunHead) -> dict[str, Any]:
    moving = request.app.runs.progress(run)
    return {
        **head_context(run),
        "moving": moving,
        "tab": "live",
        "notes": _notes(run, moving),
        "lanes": [{"of": lane, "held": held_words(lane)} for lane in moving.lanes],
        "ends_at": _ends_at(run, moving),
        "is_over": _is_over(run, moving),
        "prepare_bar": {"selected": moving.prepare_ready, "sending": moving.preparing},
        "dispatch_bar": {
            "prepared": moving.dispatch_ready,
            "sending": moving.leased,
            "deferred": moving.retries,
            "dead": moving.dead,
        },
    }


def _is_over(run: RunHead, moving: RunProgress) -> bool:
    """Nothing changes by itself. A policy's resend opens a finished run again."""
    is_waited_for = moving.waiting or moving.sending or (moving.unknown and run.acts_on_unknowns)
    return not run.can_stop and not is_waited_for


def links(run: RunHead) -> Mapping[str, str]:
    """Pages of others by word, '' where there is none."""
    return {
        "campaign": url_or_nothing("web:campaign", run.campaign_id),
        "campaigns": url_or_nothing("web:campaign-list"),
        "journal": url_or_nothing("web:journal-list", query=f"run={run.id}"),
        "dead": url_or_nothing("web:dead-list", query=f"run={run.id}"),
        "unknown": url_or_nothing("web:unknown-list", query=f"run={run.id}"),
        "relays": url_or_nothing("web:relay-list"),
        "workers": url_or_nothing("web:worker-list"),
    }


def url_or_nothing(name: str, *args: int, query: str = "") -> str:
    for each in (name, f"{name}-detail"):
        try:
            return reverse(each, args=args) + (f"?{query}" if query else "")
        except NoReverseMatch:
            continue
    return ""


_UNKNOWN: Final = {
    "hold": "held, never resent",
    "resend": "sent again after 15 min",
    "look_up": "looked up after 15 min",
}


def _notes(run: RunHead, moving: RunProgress) -> Mapping[str, str]:
    """A caption a state, under its figure in the legend."""
    notes = {
        "accepted": "relay said 250",
        "deferred": "retry",
        "rejected": "5yz",
        "unknown": _UNKNOWN[run.unknown_policy],
        "failed": "template or data",
        "suppressed": "before SMTP",
        "sending": "in SMTP",
        "purged": "the run was stopped",
    }
    if moving.next_retry_at:
        notes["deferred"] = f"retry, next {_clock(moving.next_retry_at)}"
    if moving.dead_causes:
        notes["dead"] = f"{moving.dead_causes} cause{'s' if moving.dead_causes > 1 else ''}"
    return notes


def _clock(at: datetime) -> str:
    return f"{at.astimezone(timezone.get_current_timezone()):%H:%M:%S}"


def _ends_at(run: RunHead, moving: RunProgress) -> str:
    """When what is left has been tried at the rate of now, '' when nothing moves."""
    if not run.is_running or moving.seconds_left is None:
        return ""
    at = run.read_at + timedelta(seconds=moving.seconds_left)
    return figures.moment(at, run.read_at, timezone.get_current_timezone())
