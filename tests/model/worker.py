"""A worker's memory: all of it is gone when it is killed, but for its ledger."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from postroad.core.lifecycle import FactKind

from .driver import Claimed, Go, Item, Outcome

Taking = tuple[int, int]
"""A batch (or run) and its claim."""

Key = tuple[int, int, int]
"""One try: run, n, attempt."""


class Phase(StrEnum):
    WAITING = "granted, nothing sent"
    BEGUN = "the first octet is out"
    ANSWERED = "the relay has decided, its reply is on the wire"
    READ = "the outcome is known here and nowhere else"


@dataclass
class Mail:
    run: int
    item: Item
    go: Go
    granted_tick: int
    phase: Phase = Phase.WAITING
    kind: FactKind | None = None

    @property
    def key(self) -> Key:
        return self.run, self.item.n, self.item.attempt

    @property
    def outcome(self) -> Outcome:
        assert self.kind is not None
        return Outcome(self.item.n, self.item.attempt, self.kind)


@dataclass
class Holding:
    """A claimed batch.

    `asked` > `mark`: the answer to a window was lost, up to `asked` may be granted.
    `is_closing`: begin nothing more, give back. `is_lost`: another's by now.
    """

    claimed: Claimed
    mark: int
    asked: int = 0
    mails: dict[int, Mail] = field(default_factory=dict)
    is_closing: bool = False
    is_lost: bool = False

    def in_phase(self, phase: Phase) -> list[Mail]:
        return [mail for mail in self.mails.values() if mail.phase is phase]

    @property
    def taking(self) -> Taking:
        return self.claimed.batch, self.claimed.claim

    @property
    def outstanding(self) -> int:
        """Begun without outcome, as the database may count them."""
        return len(self.mails) + max(0, self.asked - self.mark)

    @property
    def unbegun(self) -> list[int]:
        """Positions to hand back."""
        waiting = [mail.go.position for mail in self.in_phase(Phase.WAITING)]
        return waiting + list(range(self.mark, self.asked))


@dataclass
class Worker:
    id: int
    last_beat: float
    is_alive: bool = True
    is_cut: bool = False
    is_counted: bool = False
    """Its lapse was charged to the bound on unknowns."""
    has_doubts: bool = False
    """The answer to a claim was lost."""
    heard_at: float = 0.0
    holdings: dict[Taking, Holding] = field(default_factory=dict)
    """By taking: a worker may take a batch again while it still has
    evidence of an earlier taking to hand in."""
    preparing: Claimed | None = None
    selecting: tuple[int, int] | None = None
    dots: set[Key] = field(default_factory=set)
    replies: dict[Key, Outcome] = field(default_factory=dict)
    read: set[Key] = field(default_factory=set)
    """Acceptances read in this life."""

    @property
    def can_talk(self) -> bool:
        return self.is_alive and not self.is_cut

    @property
    def outstanding(self) -> int:
        return sum(holding.outstanding for holding in self.holdings.values())

    def mails(self, phase: Phase) -> Iterator[tuple[Holding, Mail]]:
        for holding in self.holdings.values():
            for mail in holding.in_phase(phase):
                yield holding, mail

    @property
    def is_idle(self) -> bool:
        return not (self.holdings or self.preparing or self.selecting)
