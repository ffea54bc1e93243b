"""Many at once on one database: workers, schedulers and a restless manager, each a thread.

Everyone acts through a driver of his own, on connections of his own and by the
real clock, until `until`. What they saw is kept in `Seen`, to be judged after.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from threading import Event, Lock

import psycopg

from postroad.core.lifecycle import DeliveryState, FactKind

from .driver import Answer, Claimed, Item, Outcome, Report, Stage
from .postgres_driver import PostgresDriver

BUSY = 100
SETTLEMENTS = (FactKind.SETTLED_SENT, FactKind.SETTLED_RESEND, FactKind.SETTLED_DROP)


@dataclass
class Seen:
    """What must not have happened, and what must be accounted for."""

    granted: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    granted_in: Counter[int] = field(default_factory=Counter)
    stopped_at: dict[int, float] = field(default_factory=dict)
    suppressed_at: dict[str, float] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)
    thick: Event = field(default_factory=Event)
    """A run has so many grants that all are busy with it."""

    def grant(self, run: int, item: Item, address: str, asked_at: float) -> None:
        with self.lock:
            self.granted_in[run] += 1
            if self.granted_in[run] > BUSY:
                self.thick.set()
            self.granted[run, item.n, item.attempt] += 1
            if asked_at > self.stopped_at.get(run, asked_at):
                self.faults.append(f"granted in run {run} after its stop")
            if asked_at > self.suppressed_at.get(address, asked_at):
                self.faults.append(f"granted for {address}, who is suppressed")


@dataclass
class Someone:
    driver: PostgresDriver
    random: Random
    seen: Seen
    until: float

    def live(self) -> None:
        while time.monotonic() < self.until:
            try:
                self.act()
            except psycopg.Error as error:
                self.seen.faults.append(f"{error}: {error.diag.context}")

    def act(self) -> None:
        raise NotImplementedError


@dataclass
class Scheduler(Someone):
    def act(self) -> None:
        """Everything that goes on by itself."""
        self.driver.schedule()
        self.driver.reap()
        self.driver.gather()


@dataclass
class Manager(Someone):
    """Does whatever a person may do, all the time."""

    runs: Sequence[int] = ()

    def act(self) -> None:
        acts: Sequence[Callable[[int], None]] = (
            self._pause, self._settle, self._settle, self._requeue, self._requeue,
            self._discard, self._hear, self._suppress, self._hold, self._launch,
        )  # fmt: skip
        act = self.random.choice(acts)
        act(self.random.choice(self.runs))
        self.seen.acts[act.__name__] += 1

    def _one(self, run: int, state: DeliveryState) -> tuple[int, int] | None:
        rows = self.driver.in_state(run, state)
        return self.random.choice(rows) if rows else None

    def _pause(self, run: int) -> None:
        self.driver.pause(run)
        self.driver.resume(run)

    def _hold(self, run: int) -> None:
        self.driver.hold(run)
        self.driver.let_go(run)

    def _launch(self, run: int) -> None:
        self.driver.launch(run, self.random.choice((0.0, 0.05)))
        if self.random.random() < 0.3:
            self.driver.undo(run)

    def _settle(self, run: int) -> None:
        if one := self._one(run, DeliveryState.UNKNOWN):
            self.driver.settle(run, *one, self.random.choice(SETTLEMENTS))

    def _requeue(self, run: int) -> None:
        if one := self._one(run, DeliveryState.DEAD):
            self.driver.requeue(run, *one)

    def _discard(self, run: int) -> None:
        if one := self._one(run, DeliveryState.DEAD):
            self.driver.discard(run, *one)

    def _hear(self, run: int) -> None:
        if one := self._one(run, DeliveryState.ACCEPTED):
            self.driver.hear(run, *one, self.random.choice((FactKind.DELIVERED, FactKind.BOUNCED)))

    def _suppress(self, run: int) -> None:
        if self.random.random() < 0.1:
            address = f"c{self.random.randrange(300)}@{self.random.choice('ab')}.example"
            self.driver.suppress(address)
            self.seen.suppressed_at.setdefault(address, time.monotonic())


@dataclass
class Stopper(Someone):
    """Stops one run in the thick of it."""

    run: int = 0

    def live(self) -> None:
        self.seen.thick.wait(self.until - time.monotonic())
        self.driver.stop(self.run)
        self.seen.stopped_at[self.run] = time.monotonic()


@dataclass
class Crew(Someone):
    """A worker that dies now and then without a word, and is followed by another.

    Sometimes the dead one was only cut off, and hands its evidence in late.
    """

    worker: int = 0
    replies: Sequence[FactKind] = ()
    """What relays say."""
    is_steady: bool = False
    """Dies no more, and hears no refusal any more."""
    late: list[tuple[int, Claimed, list[Outcome]]] = field(default_factory=list)

    def act(self) -> None:
        self.driver.beat(self.worker)
        self._hand_in_late()
        if (selecting := self.driver.claim_run(self.worker)) is not None:
            self.driver.select(self.worker, *selecting)
        stage = self.random.choice((Stage.PREPARE, Stage.DISPATCH, Stage.DISPATCH))
        claimed = self.driver.claim(self.worker, stage, None)
        if claimed is None:
            return
        if stage is Stage.PREPARE:
            self._prepare(claimed)
        else:
            self._dispatch(claimed)

    def _happens(self, chance: float) -> bool:
        return not self.is_steady and self.random.random() < chance

    def _die(self) -> None:
        self.worker += 100

    def _prepare(self, claimed: Claimed) -> None:
        if self._happens(0.1):
            self._die()
            return
        found = {item.n: FactKind.PREPARED for item in claimed.items}
        self.driver.prepare(self.worker, claimed.batch, claimed.claim, found)

    def _dispatch(self, claimed: Claimed) -> None:
        outcomes: list[Outcome] = []
        mark = claimed.mark
        while True:
            if self._happens(0.15):
                self._fall_silent(claimed, outcomes)
                return
            gives_back = self._happens(0.03)
            self.driver.beat(self.worker)
            asked_at = time.monotonic()
            hi = None if gives_back else mark + self.driver.limits.window
            report = self._report(claimed, outcomes, hi, gives_back=gives_back)
            if report.answer in (Answer.DONE, Answer.BACK, Answer.LOST):
                return
            mark = report.mark
            outcomes = self._send(claimed, report, asked_at)

    def _report(
        self, claimed: Claimed, outcomes: list[Outcome], hi: int | None, *, gives_back: bool
    ) -> Report:
        """Told again when the connection broke before the commit."""
        if self._happens(0.05):
            self.driver.report_in_vain(self.worker, claimed.batch, claimed.claim, outcomes, hi)
        return self.driver.report(
            self.worker, claimed.batch, claimed.claim, outcomes, hi, [] if gives_back else None
        )

    def _send(self, claimed: Claimed, report: Report, asked_at: float) -> list[Outcome]:
        outcomes = []
        addresses = self.driver.addresses(claimed.run) if report.go else {}
        for go in report.go:
            item = claimed.items[go.position]
            self.seen.grant(claimed.run, item, addresses[item.n], asked_at)
            kind = FactKind.ACCEPTED if self.is_steady else self.random.choice(self.replies)
            outcomes.append(Outcome(item.n, item.attempt, kind))
        return outcomes

    def _fall_silent(self, claimed: Claimed, outcomes: list[Outcome]) -> None:
        if self.random.random() < 0.6:
            self.late.append((self.worker, claimed, outcomes))
        self._die()

    def _hand_in_late(self) -> None:
        if self.late and (self.is_steady or self.random.random() < 0.2):
            worker, claimed, outcomes = self.late.pop(0)
            self.driver.report(worker, claimed.batch, claimed.claim, outcomes, None, None)
