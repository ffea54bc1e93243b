"""Who has a run: its recipients by number, and those who were left out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from postroad.core.address import BadAddress, parse_address
from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState
from postroad.store.rows import rows

PAGE_SIZE: Final = 50
SPAN: Final = 20_000
"""Numbers a page of one state looks through, when no index knows the state."""
_LISTED_APART: Final = frozenset(
    {
        DeliveryState.FAILED,
        DeliveryState.REJECTED,
        DeliveryState.DEAD,
        DeliveryState.UNKNOWN,
        DeliveryState.HELD,
    }
)
_LAST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """`text`: the reply or fault as it came, '' for those who want no look."""

    n: int
    address: str
    name: str
    lane: str
    state: str
    attempt: int
    mark: str | None
    text: str
    cause: str
    retry_at: datetime | None


@dataclass(frozen=True, slots=True)
class RecipientPage:
    """A page in order of number. `next_after` goes into the next read, None at the end.

    `looked_to`: a page of one state ends at this number although it has room,
    None when it looked at all there are.
    """

    rows: tuple[RecipientRow, ...]
    next_after: int | None
    looked_to: int | None


@dataclass(frozen=True, slots=True)
class OmissionRow:
    position: int
    contact_key: str
    address: str
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class OmissionPage:
    rows: tuple[OmissionRow, ...]
    next_after: int | None


def page(
    run_id: RunId, recipients: int, state: DeliveryState | None = None, after: int = 0
) -> RecipientPage:
    """One query. Rows behind number `after`, in order of number."""
    after = max(0, min(after, _LAST - SPAN))
    is_apart = state in _LISTED_APART
    found = rows(
        "recipients_attention" if is_apart else "recipients",
        {
            "run": run_id,
            "state": state or "",
            "after": after,
            "span": SPAN,
            "limit": PAGE_SIZE + 1,
        },
    )
    kept = tuple(RecipientRow(**each) for each in found[:PAGE_SIZE])
    if len(found) > PAGE_SIZE:
        return RecipientPage(kept, kept[-1].n, None)
    if is_apart or after + SPAN >= recipients:
        return RecipientPage(kept, None, None)
    return RecipientPage(kept, after + SPAN, after + SPAN)


def person(run_id: RunId, text: str) -> RecipientRow | None:
    """The recipient with one address, written in any way that means it."""
    address = parse_address(text)
    if isinstance(address, BadAddress):
        return None
    found = rows("recipients_person", {"run": run_id, "hash": address.hash})
    return RecipientRow(**found[0]) if found else None


def omissions(run_id: RunId, reason: str = "", after: int = 0) -> OmissionPage:
    """One query. Those left out behind position `after`, of one reason or of all."""
    found = rows(
        "omissions",
        {
            "run": run_id,
            "reason": reason,
            "after": max(0, min(after, _LAST)),
            "limit": PAGE_SIZE + 1,
        },
    )
    kept = tuple(OmissionRow(**each) for each in found[:PAGE_SIZE])
    return OmissionPage(kept, kept[-1].position if len(found) > PAGE_SIZE else None)
