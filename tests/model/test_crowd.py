"""Everyone at once on real PostgreSQL: nothing waits in a circle and all adds up."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from random import Random

import pytest

from postroad.core.lifecycle import FactKind
from postroad.testing.database import TestServer

from . import postgres_stage as stage
from . import promises
from .crowd import Crew, Manager, Scheduler, Seen, Someone, Stopper
from .driver import Limits, Person, Stage
from .machine import EXAMPLES
from .postgres_driver import PostgresDriver
from .story import ENDED

SECONDS = max(4, min(EXAMPLES, 60))
LIMITS = Limits(window=5, batch_size=20, dead_after=0.3, backoff=0, resend_after=0)
PEOPLE = [Person(f"c{k}@{lane}.example", lane) for k in range(300) for lane in "ab"]
OK, LATER, NO, DEAD = FactKind.ACCEPTED, FactKind.DEFERRED, FactKind.REJECTED, FactKind.DEAD
UNKNOWN = FactKind.UNKNOWN
HEALING_SECONDS = 60.0


class Hall:
    """Opens drivers on one database, each with connections of its own."""

    def __init__(self, dsn: str, stack: ExitStack) -> None:
        self._dsn = dsn
        self._stack = stack

    def driver(self) -> PostgresDriver:
        enter = partial(stage.enter, self._dsn, has_own_clock=False)
        return PostgresDriver([self._stack.enter_context(enter()) for _ in range(2)], LIMITS)


@pytest.fixture
def hall(postgres_server: TestServer, template_database: str) -> Iterator[Hall]:
    with postgres_server.clone(template_database) as dsn, ExitStack() as stack:
        stage.set_stage(dsn, has_own_clock=False)
        yield Hall(dsn, stack)


@pytest.mark.parametrize(
    ("people", "replies", "must_have_met"),
    [
        (600, (OK, OK, OK, OK, LATER, LATER, LATER, NO, DEAD), {UNKNOWN, FactKind.PURGED}),
        # Whether a stop still finds one of so few mails to purge is a matter of luck.
        (4, (LATER, DEAD, DEAD), {UNKNOWN, LATER, DEAD}),
    ],
    ids=["many mails", "the same few mails"],
)
def test_all_at_once_wait_in_no_circle_and_add_up(
    hall: Hall, people: int, replies: tuple[FactKind, ...], must_have_met: set[FactKind]
) -> None:
    hand = hall.driver()
    runs = [hand.verify(campaign, PEOPLE[:people], urgent=campaign == 1) for campaign in (1, 2, 3)]
    seen = Seen()
    until = time.monotonic() + SECONDS
    stopper = Stopper(hall.driver(), Random(0), seen, until, runs[0])
    managers = [Manager(hall.driver(), Random(k), seen, until, runs) for k in range(2)]
    crews = [Crew(hall.driver(), Random(k), seen, until, k, replies) for k in range(4)]
    schedulers = [Scheduler(hall.driver(), Random(k), seen, until) for k in range(2)]
    everyone: list[Someone] = [stopper, *managers, *crews, *schedulers]
    with ThreadPoolExecutor(len(everyone)) as threads:
        for done in [threads.submit(each.live) for each in everyone]:
            done.result()
    _go_on_to_the_end(hand, crews, runs)
    _judge(hand, seen, must_have_met)


def _go_on_to_the_end(hand: PostgresDriver, crews: list[Crew], runs: list[int]) -> None:
    """Nobody disturbs any more: the silent are reaped, the living work on."""
    until = time.monotonic() + HEALING_SECONDS
    scheduler = Scheduler(hand, Random(0), crews[0].seen, until)
    for crew in crews:
        crew.is_steady = True
    while time.monotonic() < until:
        for run in runs:
            hand.let_go(run)
            hand.resume(run)
            hand.launch(run, 0)
        scheduler.act()
        for crew in crews:
            crew.act()
        tables = hand.tables()
        is_open = any(batch.stage is not Stage.DONE for batch in tables.batches)
        if not is_open and not tables.retries and set(tables.runs.values()) <= ENDED:
            return
    raise AssertionError(f"never ends: {dict(hand.tables().runs)}")


def _judge(hand: PostgresDriver, seen: Seen, must_have_met: set[FactKind]) -> None:
    tables = hand.tables()
    assert not seen.faults, "\n".join(seen.faults[:5])
    assert not [try_ for try_, times in seen.granted.items() if times > 1], "granted twice"
    promises.totals_add_up(tables)
    promises.order_is_irrelevant(tables)
    promises.nothing_is_lost(tables, released=ENDED)
    alarms = hand.alarms()
    assert not alarms, alarms
    # A schedule in which little happened would prove little.
    assert sum(seen.granted.values()) > 100
    assert {row.kind for row in tables.journal} >= must_have_met
