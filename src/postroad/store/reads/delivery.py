"""One mail from selection to its end, its bytes, and the person's road over all runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import zstandard

from postroad.core.ids import RevisionId, RunId
from postroad.core.lifecycle import FACT_RULES, DeliveryState, FactKind, Mark, RunState
from postroad.store.rows import rows

MOST_FACTS: Final = 500
ROAD_SIZE: Final = 20
_BY_ITSELF: Final = ("policy", "look-up")
_NEWEST: Final = 2**62


@dataclass(frozen=True, slots=True)
class Fact:
    """A journal row of the delivery. `dialogue`: the server's replies, 'phase code text' a line."""

    id: int
    at: datetime
    attempt: int | None
    kind: str
    actor: str
    code: int | None
    enhanced: str | None
    phase: str | None
    text: str
    dialogue: str | None
    relay: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Times and names are None where the step has not come, or what was pinned is deleted.

    `size` in octets and `sha256` are of the whole mail, the Date header apart.
    """

    run_id: int
    n: int
    address: str
    name: str
    hash: bytes
    lane: str
    zone: str
    message_id: str
    batch_id: int
    state: str
    fact: str
    attempt: int
    campaign_id: int
    campaign: str
    number: int
    run_state: str
    selected_at: datetime | None
    release_at: datetime | None
    sender_address: str
    revision_id: int
    content: str | None
    revision: int | None
    audience: str | None
    audience_version: int | None
    relay: str | None
    mark: str | None
    policy: str | None
    cause: str | None
    attention: str | None
    requeued_at: datetime | None
    retry_attempt: int | None
    retry_due_at: datetime | None
    prepared_at: datetime | None
    prepared_by: UUID | None
    size: int | None
    sha256: bytes | None
    suppressed: str | None
    contact_id: int | None
    is_sending: bool
    facts: tuple[Fact, ...] = ()

    @property
    def is_over(self) -> bool:
        """Nothing more happens by itself."""
        if self.retry_due_at is not None or self.is_sending:
            return False
        return not DeliveryState(self.state).is_waiting or (self.is_unknown and not self.policy)

    @property
    def is_dead(self) -> bool:
        return self.state == DeliveryState.DEAD

    @property
    def is_unknown(self) -> bool:
        return self.state == DeliveryState.UNKNOWN

    @property
    def settled_by(self) -> str:
        """Who settled the unknown: hand, policy or look-up; '' where nobody did."""
        if FACT_RULES[FactKind(self.fact)].mark is not Mark.SETTLED:
            return ""
        actors = (fact.actor for fact in reversed(self.facts) if fact.kind == self.fact)
        actor = next(actors, "")
        return actor if actor in _BY_ITSELF else "hand"

    @property
    def is_discarded(self) -> bool:
        return self.mark == Mark.DISCARDED

    @property
    def is_stopped(self) -> bool:
        return self.run_state == RunState.STOPPED


@dataclass(frozen=True, slots=True)
class RoadStop:
    """A mail of a run to the person, or, `n` None, a run that left them out (`state` is why)."""

    run_id: int
    n: int | None
    state: str
    text: str
    campaign: str
    number: int
    at: datetime
    run_state: str


@dataclass(frozen=True, slots=True)
class Road:
    """Newest first. `earlier`: what to read on before, None at the end."""

    stops: tuple[RoadStop, ...]
    earlier: int | None


@dataclass(frozen=True, slots=True)
class Head:
    """The variable part of a mail; the tail of its revision ends it."""

    octets: bytes
    revision_id: RevisionId


def read_delivery(run_id: int, n: int) -> Delivery | None:
    found = rows("delivery_page", {"run_id": run_id, "n": n})
    if not found:
        return None
    values = found[0] | {key: _bytes(found[0][key]) for key in ("hash", "sha256")}
    kept = rows("delivery_facts", {"run_id": run_id, "n": n, "limit": MOST_FACTS})
    return Delivery(**values, facts=tuple(Fact(**row) for row in kept))


def read_road(
    address_hash: bytes, address: str, before: int | None = None, size: int = ROAD_SIZE
) -> Road:
    """The person of that address over all runs with a number below `before`."""
    found = rows(
        "person_road",
        {
            "hash": address_hash,
            "address": address,
            "before": before or _NEWEST,
            "limit": size + 1,
        },
    )
    stops = tuple(RoadStop(**row) for row in found[:size])
    return Road(stops, stops[-1].run_id if len(found) > size else None)


def read_head(run_id: RunId, n: int) -> Head | None:
    """None where nothing was prepared, or the bytes were thrown away since."""
    found = rows("delivery_source", {"run_id": run_id, "n": n})
    if not found:
        return None
    row = found[0]
    heads = zstandard.decompress(bytes(row["body"]))
    start = row["head_offset"]
    return Head(heads[start : start + row["head_length"]], RevisionId(row["revision_id"]))


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return None if value is None else bytes(value)
