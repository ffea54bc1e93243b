"""Two transactions at one moment, where a wrong lock would lose a mail or wait in a circle.

A acts in the test and holds its transaction open; B acts in a thread until it
waits for A, or has ended without.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg
import pytest

from postroad.core.lifecycle import DeliveryState, FactKind, RunState

from . import promises
from .driver import Claimed
from .postgres_driver import PostgresDriver
from .schedules import ONE, OTHER, a_running_run, handed_in, opened, silence, taken

LOOKS = 1000
COMPACTED = 501
"""More counter rows than are left alone."""


class Pair:
    """Two drivers on one database."""

    def __init__(self, engine: PostgresDriver, threads: ThreadPoolExecutor) -> None:
        hand, wire, *others = engine.afresh().connections
        self.a = PostgresDriver([hand, wire])
        self.b = PostgresDriver(others)
        self._threads = threads

    @property
    def wire(self) -> psycopg.Connection:
        """What A's workers speak through."""
        return self.a.connections[1]

    @contextmanager
    def during(self, act: Callable[[], bool]) -> Iterator["Future[bool]"]:
        """B acts, and waits or has ended when the block begins; the block lets it go on."""
        acting = self._threads.submit(act)
        pids = [each.info.backend_pid for each in self.b.connections]
        for _ in range(LOOKS):
            if acting.done() or self._is_waiting(pids):
                break
        else:
            raise AssertionError("B neither waits nor ends")
        yield acting

    def _is_waiting(self, pids: list[int]) -> bool:
        row = self.a.connections[0].execute(
            """SELECT pg_sleep(0.005), (SELECT bool_or(cardinality(pg_blocking_pids(pid)) > 0)
                                        FROM unnest(%s::integer[]) AS pid)""",
            [pids],
        )
        return bool((row.fetchone() or (None, False))[1])

    def lock_state(self, run: int, n: int) -> None:
        """As the first step of taking facts in; A's transaction is open."""
        self.wire.execute(
            "SELECT FROM delivery_state WHERE run_id = %s AND n = %s FOR UPDATE", [run, n]
        )


@pytest.fixture
def pair(engine: PostgresDriver) -> Iterator[Pair]:
    with ThreadPoolExecutor(1) as threads:
        yield Pair(engine, threads)


def an_unknown_mail(driver: PostgresDriver, mails: int = 1) -> tuple[int, Claimed]:
    """All mails of a running run; ONE lost sight of them, and may yet tell of them."""
    run = a_running_run(driver, people=mails)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=mails)
    silence(driver, frozenset({OTHER}))
    return run, claimed


def test_a_run_does_not_finish_over_a_retry_that_is_not_committed_yet(pair: Pair) -> None:
    run, claimed = an_unknown_mail(pair.a)
    with pair.wire.transaction():
        handed_in(pair.a, ONE, claimed, [FactKind.DEFERRED])
        with pair.during(pair.b.schedule) as ending:
            pass
    ending.result()
    assert pair.a.tables().runs[run] is RunState.RUNNING
    assert list(pair.a.tables().retries) == [(run, 1, 2)]


def test_a_late_reply_opens_a_run_that_finished_while_it_was_taken_in(pair: Pair) -> None:
    run, claimed = an_unknown_mail(pair.a)

    def late() -> bool:
        return bool(handed_in(pair.b, ONE, claimed, [FactKind.DEFERRED]))

    with pair.wire.transaction():
        pair.wire.execute("SELECT advance_runs()")
        with pair.during(late) as reply:
            pass
    reply.result()
    assert pair.a.tables().runs[run] is RunState.RUNNING
    assert list(pair.a.tables().retries) == [(run, 1, 2)]


@pytest.mark.parametrize("settled", [FactKind.SETTLED_RESEND, FactKind.SETTLED_DROP])
def test_settling_and_a_late_reply_wait_in_no_circle(pair: Pair, settled: FactKind) -> None:
    run, claimed = an_unknown_mail(pair.a)
    pair.a.schedule()
    assert pair.a.tables().runs[run] is RunState.FINISHED
    with pair.wire.transaction():
        pair.lock_state(run, 1)
        with pair.during(lambda: pair.b.settle(run, 1, 1, settled)) as settling:
            handed_in(pair.a, ONE, claimed, [FactKind.DEFERRED])
    assert settling.result() is False
    assert pair.a.tables().states[run, 1].state is DeliveryState.DEFERRED


def test_requeueing_and_a_late_reply_wait_in_no_circle(pair: Pair) -> None:
    run, claimed = an_unknown_mail(pair.a, mails=2)
    pair.a.settle(run, 1, 1, FactKind.SETTLED_DROP)
    pair.a.schedule()
    assert pair.a.tables().runs[run] is RunState.FINISHED
    with pair.wire.transaction():
        pair.lock_state(run, 1)
        with pair.during(lambda: pair.b.requeue(run, 1, 1)) as requeueing:
            handed_in(pair.a, ONE, claimed, [FactKind.DEAD, FactKind.DEFERRED])
    assert requeueing.result()
    assert sorted(pair.a.tables().retries) == [(run, 1, 2), (run, 2, 2)]


def test_purging_and_a_late_reply_wait_in_no_circle(pair: Pair) -> None:
    run, claimed = an_unknown_mail(pair.a)
    pair.a.settle(run, 1, 1, FactKind.SETTLED_RESEND)
    pair.a.stop(run)
    with pair.wire.transaction():
        pair.lock_state(run, 1)
        with pair.during(pair.b.schedule) as purging:
            handed_in(pair.a, ONE, claimed, [FactKind.ACCEPTED])
    purging.result()
    assert pair.a.tables().states[run, 1].state is DeliveryState.ACCEPTED
    assert not pair.a.tables().retries


def test_a_recount_beside_a_compaction_counts_nobody_twice(pair: Pair) -> None:
    run, _ = an_unknown_mail(pair.a)
    pair.wire.execute(
        "INSERT INTO count_delta SELECT %s, 'unknown', s FROM generate_series(1, %s), (VALUES (1),"
        " (-1)) AS v (s)",
        [run, COMPACTED],
    )
    with pair.wire.transaction():
        pair.wire.execute("SELECT compact_counts()")
        with pair.during(pair.b.schedule) as ending:
            pass
    ending.result()
    assert pair.a.tables().runs[run] is RunState.FINISHED
    promises.totals_add_up(pair.a.tables())
    assert not pair.a.alarms()
