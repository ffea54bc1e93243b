"""The journal: filters in the address, pages by keyset, one entry with all it holds."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, QueryDict
from django.urls import reverse
from django.views.decorators.http import require_GET

from postroad.core.dialogue import Envelope, dialogue_of
from postroad.core.journal import ACTORS, KINDS, words_of
from postroad.core.lifecycle import FACT_RULES
from postroad.web.console import bars
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, live, page

_ACTS: Final = {
    **dict.fromkeys(("alarm", "relay_stopped", "stopped"), "bad"),
    **dict.fromkeys(("held", "paused", "slowed_down", "reaped", "message_refused"), "warn"),
    **dict.fromkeys(("alarm_over", "relay_started", "finished"), "ok"),
}
"""What of the program's and the manager's acts wants a look, or says that all is well again."""
_STATES: Final = {str(kind): str(rule.state) for kind, rule in FACT_RULES.items()}


@require_GET
def entries(request: Request) -> HttpResponse:
    asked = asked_of(request.GET)
    wanted = request.app.journal.filter(**asked)
    found = request.app.journal.page(wanted, _number(request.GET.get("before", "")))
    context: dict[str, Any] = {
        "rows": [{"of": row, "word": words_of(row.kind), "tone": tone_of(row.kind),
                  "text": row.text.removeprefix(f"{row.code} {row.enhanced}").strip()}
                 for row in found.rows],
        "page": found,
        "asked": asked,
        "kinds": [(group, [(kind, words_of(kind)) for kind in kinds])
                  for group, kinds in KINDS.items()],
        "actors": ACTORS,
        "older": url_of(asked, before=found.older) if found.older else "",
        "first": url_of(asked),
        "is_first": "before" not in request.GET,
        "new_url": url_of(asked, name="web:journal-new", after=found.newest),
        "total": request.app.journal.estimate(),
        "new": 0,
    }  # fmt: skip
    return page(request, "journal/list.html", context)


@require_GET
def new(request: Request) -> HttpResponse:
    """How many rows came since the list was read."""
    asked = asked_of(request.GET)
    after = _number(request.GET.get("after", "")) or 0
    count = request.app.journal.count_new(request.app.journal.filter(**asked), after)
    return live(request, "journal/_new.html", {"new": count, "first": url_of(asked)})


@require_GET
def entry(request: Request, entry_id: int) -> HttpResponse:
    found = request.app.journal.entry(entry_id)
    if found is None:
        raise Http404
    said, ended_at = found.dialogue or "", (found.phase or "") if found.code is None else ""
    envelope = Envelope(found.sender or "", found.address or "")
    context = {
        "entry": found,
        "word": words_of(found.kind),
        "tone": tone_of(found.kind),
        "lines": dialogue_of(said, envelope, ended_at) if said else (),
        "detail": _detail(found.detail or {}),
    }
    return ask(request, "journal/entry.html", context)


def _detail(detail: Mapping[str, Any]) -> str:
    """A name a line; what it holds stays on that line."""
    return "\n".join(
        f"{name}: {json.dumps(held, ensure_ascii=False)}" for name, held in detail.items()
    )


def asked_of(query: QueryDict) -> dict[str, Any]:
    """The filter of an address; what can't be read filters nothing."""
    plain = {name: query.get(name, "").replace("\0", "") for name in ("kind", "actor", "text")}
    return plain | {"text": plain["text"].strip(), "run_id": _number(query.get("run", ""))}


def url_of(asked: dict[str, Any], name: str = "web:journal-list", **more: int | None) -> str:
    """The address of a filter, what filters nothing left out."""
    named = {("run" if key == "run_id" else key): value for key, value in (asked | more).items()}
    query = urlencode({key: value for key, value in named.items() if value not in ("", None)})
    return reverse(name) + (f"?{query}" if query else "")


def tone_of(kind: str) -> str:
    return _ACTS.get(kind) or bars.TONES.get(_STATES.get(kind, kind), "idle")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
