"""The journal: pages of it, what is new, one entry."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from postroad.core.address import BadAddress, parse_address
from postroad.store.models import Journal
from postroad.store.rows import Row, row, rows

from .keyset import estimate_rows

PAGE_SIZE: Final = 50
LOOKED_AT: Final = 20_000
"""Rows that one page looks at. A filter that matches little goes on in steps of so many."""
COUNTED_NEW: Final = 1_000
_NEWEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """'' and None match all. `actor`: manager, program, worker, or one worker by name.

    `text` that is an address finds the mails to that person, else words of the text.
    """

    kind: str = ""
    run_id: int | None = None
    actor: str = ""
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return self == JournalFilter()


@dataclass(frozen=True, slots=True)
class JournalRow:
    id: int
    at: datetime
    run_id: int | None
    n: int | None
    attempt: int | None
    kind: str
    actor: str
    code: int | None
    enhanced: str | None
    text: str
    address: str | None
    campaign: str | None
    number: int


@dataclass(frozen=True, slots=True)
class JournalPage:
    """Newest first. `older`: the id to read on below, None at the journal's beginning.

    `is_cut`: fewer than a page were found among LOOKED_AT rows; there may be more below.
    `newest`: the highest id of the whole journal when this was read.
    """

    rows: tuple[JournalRow, ...]
    older: int | None
    is_cut: bool
    newest: int


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """Everything that one row holds."""

    id: int
    at: datetime
    run_id: int | None
    n: int | None
    attempt: int | None
    batch_id: int | None
    kind: str
    actor: str
    relay_id: int | None
    code: int | None
    enhanced: str | None
    phase: str | None
    text: str
    dialogue: str | None
    detail: Mapping[str, Any] | None
    address: str | None
    name: str | None
    relay: str | None
    sender: str | None
    campaign: str | None
    number: int


def page(wanted: JournalFilter, before: int | None = None, size: int = PAGE_SIZE) -> JournalPage:
    """Rows below the id `before`."""
    newest = int(row("journal_newest")["id"])
    upto = min(before or _NEWEST, newest + 1)
    address = parse_address(wanted.text)
    if not isinstance(address, BadAddress):
        asked = _asked(wanted) | {"hash": address.hash, "before": upto, "limit": size + 1}
        found = _rows("journal_of_person", asked)
        return JournalPage(found[:size], found[size - 1].id if len(found) > size else None,
                           is_cut=False, newest=newest)  # fmt: skip
    floor = max(0, upto - LOOKED_AT)
    asked = _asked(wanted) | {"before": upto, "floor": floor, "limit": size + 1}
    found = _rows("journal_list", asked)
    if len(found) > size:
        return JournalPage(found[:size], found[size - 1].id, is_cut=False, newest=newest)
    return JournalPage(found, floor if floor > 1 else None, is_cut=floor > 1, newest=newest)


def count_new(wanted: JournalFilter, after: int) -> int:
    """Rows of the filter above the id `after`; ends at COUNTED_NEW."""
    asked = _asked(wanted) | {"after": after, "limit": COUNTED_NEW}
    return int(row("journal_new", asked)["count"])


def read_entry(entry_id: int) -> JournalEntry | None:
    found = rows("journal_entry", {"id": entry_id})
    if not found:
        return None
    detail = found[0]["detail"]
    return JournalEntry(
        **found[0] | {"detail": json.loads(detail) if isinstance(detail, str) else detail}
    )


def estimate_entries() -> int:
    """How many rows the journal has; the database's estimate above 10,000."""
    return estimate_rows(Journal.objects.all())


def _rows(name: str, asked: Row) -> tuple[JournalRow, ...]:
    return tuple(JournalRow(**each) for each in rows(name, asked))


def _asked(wanted: JournalFilter) -> Row:
    pattern = wanted.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "kind": wanted.kind,
        "run_id": wanted.run_id,
        "actor": wanted.actor,
        "text": f"%{pattern}%" if pattern else "",
    }
