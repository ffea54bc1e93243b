"""States of runs and deliveries, and the fold of facts into a state.

This is the one table. The SQL CHECK constraints, the table `fact_rule` by which
`record_facts` folds, the diagram in docs/states.md and the words of the console come
from it or are tested against it.

A *fact* is a journal entry about one delivery. Facts arrive in any order and
are never refused; a *state* is what follows from all of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self


class CampaignState(StrEnum):
    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class RunState(StrEnum):
    SELECTING = "selecting"
    PREPARING = "preparing"
    READY = "ready"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    HELD = "held"
    FINISHED = "finished"
    STOPPED = "stopped"

    @property
    def is_live(self) -> bool:
        """Neither finished nor stopped."""
        return self not in (RunState.FINISHED, RunState.STOPPED)


RUN_TRANSITIONS: dict[RunState, dict[RunState, str]] = {
    RunState.SELECTING: {
        RunState.PREPARING: "recipients are selected and frozen",
        RunState.STOPPED: "stopped or abandoned",
        RunState.HELD: "a restore or a fault said stop",
    },
    RunState.PREPARING: {
        RunState.READY: "every mail is prepared",
        RunState.HELD: "too many failures",
        RunState.STOPPED: "stopped or abandoned",
    },
    RunState.READY: {
        RunState.SCHEDULED: "launched",
        RunState.HELD: "a gate or a restore said stop",
        RunState.STOPPED: "stopped or abandoned by an edit",
    },
    RunState.SCHEDULED: {
        RunState.READY: "launch undone",
        RunState.RUNNING: "released",
        RunState.HELD: "a restore said stop",
        RunState.STOPPED: "stopped",
    },
    RunState.RUNNING: {
        RunState.PAUSED: "paused by the manager",
        RunState.HELD: "held by the program",
        RunState.FINISHED: "nothing is left to send",
        RunState.STOPPED: "stopped and purged",
    },
    RunState.PAUSED: {
        RunState.RUNNING: "resumed",
        RunState.HELD: "a restore said stop",
        RunState.STOPPED: "stopped and purged",
    },
    RunState.HELD: {
        RunState.SELECTING: "let go on where it was",
        RunState.PREPARING: "let go on where it was",
        RunState.READY: "let go on where it was",
        RunState.SCHEDULED: "let go on where it was",
        RunState.RUNNING: "let go on where it was",
        RunState.PAUSED: "let go on where it was",
        RunState.STOPPED: "stopped and purged",
    },
    RunState.FINISHED: {RunState.RUNNING: "a requeue or a resend"},
    RunState.STOPPED: {},
}


class DeliveryState(StrEnum):
    """In the fixed order of bars and legends."""

    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REJECTED = "rejected"
    FAILED = "failed"
    DEAD = "dead"
    UNKNOWN = "unknown"
    HELD = "held"
    SKIPPED = "skipped"
    SUPPRESSED = "suppressed"
    PURGED = "purged"
    DEFERRED = "deferred"
    PREPARED = "prepared"
    SELECTED = "selected"

    @property
    def is_waiting(self) -> bool:
        return self in _WAITING


_WAITING = frozenset(
    {
        DeliveryState.SELECTED,
        DeliveryState.PREPARED,
        DeliveryState.DEFERRED,
        DeliveryState.HELD,
        DeliveryState.UNKNOWN,
    }
)


class Mark(StrEnum):
    """What the manager's hand added to a state."""

    SETTLED = "settled"
    DISCARDED = "discarded"


class FactKind(StrEnum):
    # of the prepare stage, attempt 0
    SELECTED = "selected"
    PREPARED = "prepared"
    FAILED = "failed"
    SKIPPED = "skipped"
    # of an attempt that never began
    SUPPRESSED = "suppressed"
    PURGED = "purged"
    HELD = "held"
    # of an attempt
    UNKNOWN = "unknown"
    NOT_BEGUN = "not_begun"
    DEFERRED = "deferred"
    SETTLED_SENT = "settled_sent"
    SETTLED_RESEND = "settled_resend"
    SETTLED_DROP = "settled_drop"
    REJECTED = "rejected"
    DEAD = "dead"
    # of the delivery, whatever the attempt
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class FactRule:
    """What a fact makes of a delivery.

    `over_all` > 0: wins whatever the attempt, the higher number over the
    lower. Otherwise the higher attempt wins, and `rank` within one attempt.
    """

    state: DeliveryState
    rank: int
    over_all: int = 0
    mark: Mark | None = None


FACT_RULES: dict[FactKind, FactRule] = {
    FactKind.SELECTED: FactRule(DeliveryState.SELECTED, 0),
    FactKind.PREPARED: FactRule(DeliveryState.PREPARED, 1),
    FactKind.FAILED: FactRule(DeliveryState.FAILED, 2),
    FactKind.SKIPPED: FactRule(DeliveryState.SKIPPED, 2),
    FactKind.HELD: FactRule(DeliveryState.HELD, 2),
    FactKind.SUPPRESSED: FactRule(DeliveryState.SUPPRESSED, 2),
    FactKind.PURGED: FactRule(DeliveryState.PURGED, 2),
    FactKind.UNKNOWN: FactRule(DeliveryState.UNKNOWN, 3),
    FactKind.NOT_BEGUN: FactRule(DeliveryState.PREPARED, 4),
    FactKind.DEFERRED: FactRule(DeliveryState.DEFERRED, 5),
    FactKind.SETTLED_SENT: FactRule(DeliveryState.ACCEPTED, 6, mark=Mark.SETTLED),
    FactKind.SETTLED_RESEND: FactRule(DeliveryState.DEFERRED, 6, mark=Mark.SETTLED),
    FactKind.SETTLED_DROP: FactRule(DeliveryState.DEAD, 6, mark=Mark.DISCARDED),
    FactKind.REJECTED: FactRule(DeliveryState.REJECTED, 7),
    FactKind.DEAD: FactRule(DeliveryState.DEAD, 7),
    FactKind.ACCEPTED: FactRule(DeliveryState.ACCEPTED, 8, over_all=1),
    FactKind.DELIVERED: FactRule(DeliveryState.DELIVERED, 8, over_all=2),
    FactKind.BOUNCED: FactRule(DeliveryState.BOUNCED, 8, over_all=3),
    FactKind.COMPLAINED: FactRule(DeliveryState.COMPLAINED, 8, over_all=4),
}


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    attempt: int
    kind: FactKind


@dataclass(frozen=True, slots=True)
class Folded:
    """One delivery's state row: the strongest fact so far.

    `attempt` is the highest that has a fact, even where a fact of an earlier
    attempt (a late 250) decides the state. `fact` is the deciding one.
    """

    attempt: int = 0
    fact: FactKind = FactKind.SELECTED

    @property
    def state(self) -> DeliveryState:
        return FACT_RULES[self.fact].state

    @property
    def mark(self) -> Mark | None:
        return FACT_RULES[self.fact].mark

    def take(self, fact: Fact) -> Self:
        """The row after one more fact. Commutative and idempotent.

        Ties of rank within an attempt go to the kind first in FactKind, so
        that order of arrival stays irrelevant.
        """
        decided = self if _strength(fact, self) <= 0 else replace(self, fact=fact.kind)
        return replace(decided, attempt=max(self.attempt, fact.attempt))


def _strength(fact: Fact, row: Folded) -> int:
    """> 0 when the fact decides the state instead of the row's."""
    mine, theirs = FACT_RULES[fact.kind], FACT_RULES[row.fact]
    left = (mine.over_all, 0 if mine.over_all else fact.attempt, mine.rank, _tie(fact.kind))
    right = (theirs.over_all, 0 if theirs.over_all else row.attempt, theirs.rank, _tie(row.fact))
    return (left > right) - (left < right)


_ORDER = {kind: -position for position, kind in enumerate(FactKind)}


def _tie(kind: FactKind) -> int:
    return _ORDER[kind]


def fold(facts: Iterable[Fact]) -> Folded:
    """The state that follows from all facts of one delivery (PROTOCOL P9)."""
    row = Folded()
    for fact in facts:
        row = row.take(fact)
    return row
