"""What a thing must do to be put through the protocol's rules.

The in-memory model (`protocol.py`) and, later, the real engine implement
`Driver`: the transactions of PROTOCOL P1 to P12, each atomic, and a reading of
the tables. All that is volatile (workers' memory, doorbell, relay) is played
by the tests around it, so that the same rules drive every driver.

Times are seconds of the driver's own clock; positions count from 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from postroad.core.lifecycle import FactKind, Folded, RunState


class Stage(StrEnum):
    PREPARE = "prepare"
    DISPATCH = "dispatch"
    PURGE = "purge"
    """Out of its queue for good, its mails not yet recorded as purged."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Limits:
    """The product's settings, small enough that a short schedule meets each."""

    window: int = 3
    batch_size: int = 4
    dead_after: float = 60
    guard: float = 30
    undo: float = 60
    ring_again: float = 30
    look_after: float = 5
    ring_ahead: int = 6
    backoff: float = 1800
    give_up_after: int = 3
    resend_after: float = 900
    token_span: float = 1
    token_life: float = 1
    prepare_claims: int = 5


@dataclass(frozen=True, slots=True)
class Person:
    address: str
    lane: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """`per_day` in any 24 hours, None for no cap; `interval` 0 for no rate."""

    kind: str
    key: str
    interval: float
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One try: the bytes lie in batch `source` at `index`."""

    n: int
    attempt: int
    source: int
    index: int


@dataclass(frozen=True, slots=True)
class Ref:
    """What a doorbell carries (P0)."""

    run: int
    epoch: int
    batch: int
    stage: Stage


@dataclass(frozen=True, slots=True)
class Claimed:
    """A batch with its fence; nothing of it below `mark` may be begun again."""

    batch: int
    run: int
    stage: Stage
    claim: int
    items: tuple[Item, ...]
    mark: int


@dataclass(frozen=True, slots=True)
class Outcome:
    n: int
    attempt: int
    kind: FactKind


@dataclass(frozen=True, slots=True)
class Go:
    """The right to begin the mail at `position`, no earlier than `moment`."""

    position: int
    moment: float


class Answer(StrEnum):
    GRANTED = "granted"
    WAIT = "wait"
    """Still the owner, and nothing to begin now."""
    BACK = "back"
    """Given back, or resting with the owner until the rest is answered."""
    DONE = "done"
    LOST = "lost"
    """No longer the owner; the outcomes were taken all the same."""


@dataclass(frozen=True, slots=True)
class Report:
    answer: Answer
    go: tuple[Go, ...] = ()
    mark: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: int
    run: int
    stage: Stage
    owner: int | None
    items: tuple[Item, ...]
    started_upto: int


@dataclass(frozen=True, slots=True)
class JournalRow:
    run: int
    n: int
    attempt: int
    kind: FactKind
    worker: int | None


@dataclass(frozen=True)
class Tables:
    """A reading of the database in one snapshot."""

    runs: Mapping[int, RunState]
    recipients: Mapping[int, int]
    addresses: Mapping[tuple[int, int], str]
    states: Mapping[tuple[int, int], Folded]
    counts: Mapping[tuple[int, str], int]
    batches: Sequence[BatchRow]
    retries: Sequence[tuple[int, int, int]]
    journal: Sequence[JournalRow]
    tokens: Mapping[tuple[str, str], Sequence[float]] = field(default_factory=dict)
    """Moments handed out by each bucket, where the driver keeps them."""


class Driver(Protocol):
    limits: Limits
    has_ledger: bool
    """`hand_in` is implemented (P12)."""
    has_files: bool
    """`change_file` is implemented (held mails)."""

    # the world outside
    def now(self) -> float: ...
    def advance(self, seconds: float, beating: frozenset[int]) -> None:
        """Let time pass; the workers named beat throughout."""
        ...

    def tables(self) -> Tables: ...
    def set_bucket(self, bucket: Bucket) -> None: ...
    def suppress(self, address: str) -> None: ...
    def change_file(self, run: int, n: int) -> None: ...

    # workers and their lease (P7)
    def join(self, worker: int) -> None: ...
    def beat(self, worker: int) -> None: ...
    def reap(self) -> bool:
        """Reap one batch or run of a silent worker; False when there is none."""
        ...

    def disown(
        self, worker: int, batches: frozenset[tuple[int, int]], runs: frozenset[tuple[int, int]]
    ) -> None:
        """Free what this worker owns beyond the takings named, (id, claim) each.

        The answer to a claim was lost, or the worker broke down after it.
        """
        ...

    # P1 to P3
    def verify(self, campaign: int, people: Sequence[Person], *, urgent: bool) -> int: ...
    def claim_run(self, worker: int) -> tuple[int, int] | None: ...
    def select(self, worker: int, run: int, claim: int) -> bool: ...
    def prepare(
        self, worker: int, batch: int, claim: int, found: Mapping[int, FactKind]
    ) -> bool: ...
    def give_back(self, worker: int, batch: int, claim: int, wait: float) -> bool: ...
    def launch(self, run: int, wait: float) -> bool: ...
    def undo(self, run: int) -> bool: ...
    def schedule(self) -> bool:
        """One pass of the scheduler (ready or held, release, purge, finish)."""
        ...

    # P0, P4, P5, P6, P8, P11 of the owner
    def due(self, limit: int) -> Sequence[Ref]:
        """What a ring or sweep would ring now, best first."""
        ...

    def rung(self, refs: Sequence[Ref]) -> None: ...
    def claim(self, worker: int, stage: Stage, ref: Ref | None) -> Claimed | None: ...
    def report(
        self,
        worker: int,
        batch: int,
        claim: int,
        outcomes: Sequence[Outcome],
        hi: int | None,
        unbegun: Sequence[int] | None,
    ) -> Report:
        """Hand in outcomes (always taken) and ask to begin up to `hi`.

        `hi` None asks for nothing. `unbegun` not None gives the batch back:
        those positions were granted and will not be begun.
        """
        ...

    # P10, P11 and the manager
    def gather(self) -> bool:
        """Make one batch of due retries; False when none is due."""
        ...

    def pause(self, run: int) -> bool: ...
    def resume(self, run: int) -> bool: ...
    def hold(self, run: int) -> bool: ...
    def let_go(self, run: int) -> bool: ...
    def stop(self, run: int) -> bool: ...
    def purge_queue(self, stage: Stage) -> None: ...
    def requeue(self, run: int, n: int, attempt: int) -> bool: ...
    def settle(self, run: int, n: int, attempt: int, kind: FactKind) -> bool: ...
    def discard(self, run: int, n: int, attempt: int) -> bool: ...
    def hear(self, run: int, n: int, attempt: int, kind: FactKind) -> None:
        """A fact from outside: delivered, bounced or complained."""
        ...

    # P12
    def hand_in(
        self,
        worker: int,
        dots: frozenset[tuple[int, int, int]],
        replies: Sequence[tuple[int, Outcome]],
    ) -> None:
        """The ledger of a dead worker of this boot: dots sent, replies read (with their run)."""
        ...
