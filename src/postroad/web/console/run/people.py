"""Who has a run: its recipients, and those who were left out."""

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.core.lifecycle import DeliveryState
from postroad.web.console.bars import ORDER
from postroad.web.console.request import Request
from postroad.web.console.respond import page

from .pages import head_context, run_or_404
from .report import number_of, pager

_REASONS = {
    "no_address": "No address that can be written to",
    "duplicate": "Same address as another",
    "suppressed": "Suppressed",
}


@require_GET
def recipients(request: Request, run_id: int) -> HttpResponse:
    """All by number, those of one state, or the one with an address."""
    run = run_or_404(request, run_id)
    state = _state(request.GET.get("state", ""))
    words = request.GET.get("q", "").strip()[:320]
    after = number_of(request, "after")
    counts = request.app.runs.counts(run.id)
    context: dict[str, object] = {
        **head_context(run),
        "tab": "recipients",
        "words": words,
        "state": state or "",
        "choices": [(word, counts[word]) for word in ORDER if counts.get(word)],
    }
    if words:
        found = request.app.runs.recipient(run.id, words)
        context["rows"] = (found,) if found else ()
    else:
        read = request.app.runs.recipients(run.id, run.recipients, state, after)
        context["rows"] = read.rows
        context["looked_to"] = read.looked_to
        first, last = (read.rows[0].n, read.rows[-1].n) if read.rows else (0, 0)
        query = f"&state={state}" if state else ""
        context["pager"] = pager(after, first, last, read.next_after, query)
    return page(request, "run/recipients.html", context)


@require_GET
def omissions(request: Request, run_id: int) -> HttpResponse:
    """Those whom the audience returned and who are no recipients, with the reason."""
    run = run_or_404(request, run_id)
    reason = request.GET.get("reason", "")
    reason = reason if reason in _REASONS else ""
    after = number_of(request, "after")
    read = request.app.runs.omissions(run.id, reason, after)
    first, last = (read.rows[0].position, read.rows[-1].position) if read.rows else (0, 0)
    query = f"&reason={reason}" if reason else ""
    context = {
        **head_context(run),
        "tab": "omissions",
        "rows": [(row, _REASONS[row.reason]) for row in read.rows],
        "reason": reason,
        "reasons": _REASONS,
        "pager": pager(after, first, last, read.next_after, query),
    }
    return page(request, "run/omissions.html", context)


def _state(word: str) -> DeliveryState | None:
    return DeliveryState(word) if word in list(DeliveryState) else None
