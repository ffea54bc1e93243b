"""Dead letters by cause, and unknowns: what waits for a person's decision."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from postroad.core.dead_letter import Group, Letter, Shelf
from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState, RunState
from postroad.store.rows import row, rows

from .keyset import Page, decode, page_of

PAGE_SIZE: Final = 50
COUNTED: Final = 10_000
"""Letters that are counted; where there are more, counts end here."""
_LAST: Final = 2**31 - 1
_LAST_RUN: Final = 2**62


@dataclass(frozen=True, slots=True)
class DeadGroup:
    """Letters of one run that died alike. `text`: the reply to one of them."""

    run_id: int
    cause: str
    count: int
    text: str
    newest_at: datetime
    campaign: str
    campaign_id: int
    run_state: str
    number: int

    @property
    def key(self) -> Group:
        return Group(RunId(self.run_id), self.cause)

    @property
    def is_stopped(self) -> bool:
        return self.run_state == RunState.STOPPED

    @property
    def waits(self) -> bool:
        """Requeued ones go out only when the run is resumed."""
        return self.run_state in (RunState.PAUSED, RunState.HELD)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """`due_at`: when the requeued one goes out, None once it is on its way."""

    run_id: int
    n: int
    attempt: int
    cause: str
    text: str
    since: datetime
    requeued_at: datetime | None
    address: str
    name: str
    due_at: datetime | None

    @property
    def key(self) -> Letter:
        return Letter(RunId(self.run_id), self.n, self.attempt)


@dataclass(frozen=True, slots=True)
class Unknown:
    run_id: int
    n: int
    attempt: int
    cause: str
    text: str
    since: datetime
    policy: str | None
    """What its run does about it by itself; None: it waits for a person."""
    address: str
    name: str
    campaign: str
    run_state: str
    number: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Both end at COUNTED."""

    count: int
    runs: int


def dead_groups(shelf: Shelf = Shelf.OPEN) -> tuple[DeadGroup, ...]:
    """Newest run first, then the largest cause. Counts end at COUNTED letters in all."""
    found = rows("dead_groups", {"shelf": shelf, "limit": COUNTED})
    return tuple(DeadGroup(**each) for each in found)


def dead_letters(
    group: Group, shelf: Shelf = Shelf.OPEN, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[DeadLetter]:
    """In the order of their number. `total_estimate` is 0: the group has the count."""
    place = decode(cursor, (int,))
    is_back = place is not None and place.is_back
    found = rows(
        "dead_letters_back" if is_back else "dead_letters",
        {
            "run_id": group.run_id,
            "cause": group.cause,
            "shelf": shelf,
            "after": place.key[0] if place else 0,
            "limit": size + 1,
        },
    )
    letters = [DeadLetter(**each) for each in found]
    return page_of(letters, size, place, lambda letter: (letter.n,), 0)


def unknowns(
    run_id: int | None = None, cursor: str | None = None, size: int = PAGE_SIZE
) -> Page[Unknown]:
    """Newest run first; of one run where `run_id` is given. The total ends at COUNTED."""
    place = decode(cursor, (int, int))
    is_back = place is not None and place.is_back
    at_run, at_n = place.key if place else (_LAST_RUN, _LAST)
    found = rows(
        "unknown_list_back" if is_back else "unknown_list",
        {"run_id": at_run, "n": at_n, "only": run_id, "limit": size + 1},
    )
    letters = [Unknown(**each) for each in found]
    total = count_waiting(DeliveryState.UNKNOWN, run_id).count
    return page_of(letters, size, place, lambda letter: (letter.run_id, letter.n), total)


def count_waiting(
    state: DeliveryState, run_id: int | None = None, cause: str | None = None
) -> Waiting:
    """How many of `state` nobody has decided on, all or of one run and cause."""
    asked = {"state": state, "run_id": run_id, "cause": cause, "limit": COUNTED}
    return Waiting(**row("attention_count", asked))
