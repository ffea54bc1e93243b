"""How many workers a host runs: more while batches wait, fewer when it has been quiet.

The rule is a value of its own; the watch looks at the database in a thread, so
that a supervisor never waits for one that is away.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
from psycopg.rows import dict_row

from postroad.cli.supervise import ChildSpec, Supervisor
from postroad.store.queries import query

BATCHES_EACH = 4
"""A worker has so many in hand: what waits beyond that for each is work for another."""
LOOKS_TO_GROW = 2
"""A peak that is gone at the second look was none."""


@dataclass(frozen=True, slots=True)
class WorkerLook:
    """`owned` batches; `rate`: mails a second since its last heartbeat but one."""

    pid: int
    owned: int
    rate: float


@dataclass(frozen=True, slots=True)
class Look:
    """`resting`: names of the host's slots in which nobody is to work."""

    waiting: int
    workers: Sequence[WorkerLook]
    resting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grow:
    pass


@dataclass(frozen=True, slots=True)
class Shrink:
    pid: int


@dataclass(slots=True)
class PoolRule:
    """Between `least` and `most`, one at a time, and never on a single look."""

    least: int
    most: int
    quiet_seconds: float
    _busy_looks: int = field(default=0, init=False)
    _quiet_since: float | None = field(default=None, init=False)

    def decide(
        self, look: Look, running: int, now: float, resting: int = 0
    ) -> Grow | Shrink | None:
        """`running`: how many the supervisor keeps, started or not, without those that rest.

        Nobody is started in place of one that rests. None: stay as it is.
        """
        is_busy = look.waiting > BATCHES_EACH * running
        self._busy_looks = self._busy_looks + 1 if is_busy else 0
        if look.waiting:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = now
        if self._busy_looks >= LOOKS_TO_GROW and running + resting < self.most:
            self._busy_looks = 0
            return Grow()
        return self._shrunk(look, running, now)

    def _shrunk(self, look: Look, running: int, now: float) -> Shrink | None:
        """The idlest goes. The next one after as long a quiet again."""
        is_quiet = self._quiet_since is not None and now - self._quiet_since >= self.quiet_seconds
        if not is_quiet or running <= self.least or not look.workers:
            return None
        self._quiet_since = now
        return Shrink(min(look.workers, key=lambda each: (each.owned, each.rate, -each.pid)).pid)


def look_at(dsn: str, stages: Sequence[str], pids: Sequence[int]) -> Look:
    with psycopg.connect(dsn, row_factory=dict_row, connect_timeout=5) as connection:
        told = {"stages": list(stages), "host": socket.gethostname(), "pids": list(pids)}
        row = connection.execute(query("pool_look").encode(), told).fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row.
    return Look(
        row["waiting"], [WorkerLook(**each) for each in row["workers"]], frozenset(row["resting"])
    )


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """`spec(number)`: the child of that number. `most` below `least` means `least`."""

    spec: Callable[[int], ChildSpec]
    least: int
    most: int
    quiet_seconds: float
    look_seconds: float

    def first(self) -> list[ChildSpec]:
        return [self.spec(number) for number in range(1, self.least + 1)]


@contextmanager
def kept_between(
    plan: PoolPlan, supervisor: Supervisor, dsn: str, stages: Sequence[str]
) -> Iterator[None]:
    """While the block runs, workers are added to the supervisor and let go."""
    if plan.most <= plan.least:
        yield
        return
    ending = threading.Event()
    watch = _Watch(plan, supervisor, dsn, stages, ending)
    watch.start()
    try:
        yield
    finally:
        ending.set()
        watch.join(timeout=10)


class _Watch(threading.Thread):
    def __init__(
        self,
        plan: PoolPlan,
        supervisor: Supervisor,
        dsn: str,
        stages: Sequence[str],
        ending: threading.Event,
    ) -> None:
        super().__init__(name="pool", daemon=True)
        self._plan = plan
        self._supervisor = supervisor
        self._dsn = dsn
        self._stages = stages
        self._ending = ending
        self._rule = PoolRule(plan.least, plan.most, plan.quiet_seconds)
        self._kept = {spec.name for spec in plan.first()}
        self._slots = {plan.spec(number).name for number in range(1, plan.most + 1)}

    def run(self) -> None:
        while not self._ending.wait(self._plan.look_seconds):
            pids = self._pids()
            try:
                look = look_at(self._dsn, self._stages, list(pids.values()))
            except psycopg.Error:
                continue  # Nobody is judged while the database is away.
            resting = look.resting & (self._kept | self._slots)
            running = len(self._kept - resting)
            match self._rule.decide(look, running, time.monotonic(), len(resting)):
                case Grow():
                    self._grow(resting)
                case Shrink(pid):
                    self._shrink(next(name for name, each in pids.items() if each == pid))
                case None:
                    pass

    def _pids(self) -> dict[str, int]:
        return {name: pid for name, pid in self._supervisor.pids().items() if name in self._kept}

    def _grow(self, resting: frozenset[str]) -> None:
        numbers = range(1, self._plan.most + len(self._supervisor.names()) + len(resting) + 1)
        taken = self._taken() | resting
        spec = next(spec for spec in map(self._plan.spec, numbers) if spec.name not in taken)
        self._kept.add(spec.name)
        self._supervisor.add(spec)

    def _taken(self) -> set[str]:
        """Names of those that still leave are taken too."""
        return self._kept | self._supervisor.names()

    def _shrink(self, name: str) -> None:
        self._kept.discard(name)
        self._supervisor.let_go(name)
