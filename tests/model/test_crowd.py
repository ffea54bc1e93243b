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
from .crowd import Crew, Manager, Scheduler, Seen, Someone, at_rest
from .driver import Limits, Person, Stage
from .machine import EXAMPLES
from .postgres_driver import PostgresDriver
from .story import ENDED

SECONDS = max(4, min(EXAMPLES, 60))
LIMITS = Limits(window=5, batch_size=20, dead_after=0.3, backoff=0, resend_after=0)
PEOPLE = [Person(f"c{k}@{lane}.example", lane) for k in range(60) for lane in "ab"]
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


def test_all_at_once_wait_in_no_circle_and_add_up(hall: Hall) -> None:
    hand = hall.driver()
    runs = [hand.verify(campaign, PEOPLE, urgent=campaign == 1) for campaign in (1, 2, 3)]
    seen = Seen()
    until = time.monotonic() + SECONDS
    managers = [Manager(hall.driver(), Random(k), seen, until, runs) for k in range(2)]
    crews = [Crew(hall.driver(), Random(k), seen, until, worker=k) for k in range(4)]
    schedulers = [Scheduler(hall.driver(), Random(k), seen, until) for k in range(2)]
    stopping_at = until - SECONDS / 4
    _together([*managers, *crews, *schedulers], stopping_at, lambda: managers[0].stop(runs[2]))
    _heal(hall, hand, runs, seen)
    _judge(hand, seen)


def _together(everyone: list[Someone], at: float, act: "object") -> None: ...
