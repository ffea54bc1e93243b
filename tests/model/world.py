"""Everything a schedule acts on: a driver, and the volatile world around it."""

from collections.abc import Sequence
from typing import TypeVar

from postroad.core.lifecycle import FactKind, RunState

from .driver import Bucket, Driver, Person, Tables
from .outside import Doorbell, Fleet, Orders, Relay
from .variants import Variant
from .worker import Worker

T = TypeVar("T")

PEOPLE = tuple(Person(f"p{k}@{'ab'[k % 2]}.example", "ab"[k % 2]) for k in range(9))
FOUND = {PEOPLE[4].address: FactKind.FAILED, PEOPLE[5].address: FactKind.SKIPPED}
"""What preparing some people comes to; the others are prepared."""
KILLER = PEOPLE[3].address
"""Rendering this one's mail kills the worker, where the world says so."""

LIMITS = (
    (),
    (Bucket("relay", "1", 0.4), Bucket("lane", "a", 0.0)),
    (Bucket("relay", "1", 0.25), Bucket("lane", "b", 2.0), Bucket("campaign", "1", 0.5)),
    (Bucket("relay", "1", 0.0, per_day=4), Bucket("campaign", "2", 3.0)),
)


def choose(things: Sequence[T], which: int) -> T | None:
    return things[which % len(things)] if things else None


class World:
    """`variant` says where the workers, not the database, get it wrong."""

    def __init__(self, driver: Driver, setting: int, variant: Variant = Variant.RIGHT) -> None:
        self.driver = driver
        self.variant = variant
        self.limits = driver.limits
        self.tick = 0
        self.relay = Relay()
        self.bell = Doorbell()
        self.orders = Orders()
        self.fleet = Fleet()
        self.seen_runs: dict[int, RunState] = {}
        self.buckets = LIMITS[setting % len(LIMITS)]
        self.has_bell = setting // 4 % 2 == 0 or variant is Variant.NO_SWEEP
        self.has_killer = setting // 8 % 4 == 0
        self.temper = setting // 32 % 4
        for bucket in self.buckets:
            driver.set_bucket(bucket)
        for _ in range(2):
            self.hire()

    def hire(self) -> Worker:
        worker = Worker(len(self.fleet.workers) + 1, self.driver.now(), heard_at=self.driver.now())
        self.driver.join(worker.id)
        self.fleet.workers.append(worker)
        return worker

    def pass_time(self, seconds: float) -> None:
        """Workers that can talk beat on their own thread, whatever else they do."""
        beating = [worker for worker in self.fleet.workers if worker.can_talk]
        self.driver.advance(seconds, frozenset(worker.id for worker in beating))
        for worker in beating:
            worker.last_beat = self.driver.now()

    def tables(self) -> Tables:
        return self.driver.tables()
