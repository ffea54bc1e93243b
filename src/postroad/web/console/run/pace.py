"""How fast a run went: the lines of the live page's chart, and the same as a table."""

from typing import Final

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from postroad.core.pace import PREPARED, SENT, Mark, lines
from postroad.web.console.request import Request
from postroad.web.console.respond import page
from postroad.web.console.tags import lane_name

from .pages import head_context, run_or_404

_TOKENS: Final = {
    "prepared": "wait-fill",
    "accepted": "ok-fill",
    "deferred": "warn-fill",
    "refused": "bad-fill",
    "unknown": "unk-fill",
}
_MARKS: Final = {
    "paused": ("paused", "warn"),
    "held": ("held", "warn"),
    "resumed": ("resumed", "ok"),
    "stopped": ("stopped", "bad"),
    "relay_stopped": ("{relay} stopped", "bad"),
    "relay_started": ("{relay} in use again", "ok"),
    "slowed_down": ("{lane} slowed down", "warn"),
    "slow_down_ended": ("{lane} at its own pace", "ok"),
}
"""Word and tone."""


@require_GET
def pace(request: Request, run_id: int) -> HttpResponse:
    """The table, newest first."""
    run = run_or_404(request, run_id)
    spans = request.app.runs.pace(run.id)
    events = [{"at": mark.at, "word": _word(mark)} for mark in request.app.runs.pace_marks(run.id)]
    context = {**head_context(run), "tab": "live", "spans": spans[::-1], "events": events[::-1]}
    return page(request, "run/pace.html", context)


@require_GET
def curve(request: Request, run_id: int) -> HttpResponse:
    """What chart.js draws: preparing while that lasts, then what became of the mails."""
    run = run_or_404(request, run_id)
    is_over = not run.can_stop
    words = PREPARED if run.is_preparing else SENT
    drawn = lines(request.app.runs.pace(run.id), words, None if is_over else run.read_at)
    series = [
        {"label": word, "token": _TOKENS[word], "values": values, "fill": at == 0}
        for at, (word, values) in enumerate(drawn.per_second.items())
    ]
    marks = [
        {"x": mark.at.timestamp(), "word": _word(mark), "token": _MARKS[mark.kind][1]}
        for mark in request.app.runs.pace_marks(run.id)
    ]
    zone = str(timezone.get_current_timezone())
    told = {"x": drawn.x, "series": series, "marks": marks, "over": is_over, "zone": zone}
    answer = JsonResponse(told)
    answer["Cache-Control"] = "no-store"
    return answer


def _word(mark: Mark) -> str:
    return _MARKS[mark.kind][0].format(relay=mark.relay, lane=lane_name(mark.lane))
