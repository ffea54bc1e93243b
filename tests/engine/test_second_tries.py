"""What follows a try: back-off by deferrals, the end of a batch's time, several letters at once."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from postroad.core.ids import RunId

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio
RECORD = "SELECT record_facts(%s, NULL, 'worker', %s)"
LOOK_SECONDS = 0.02


async def _running(rig: Rig, people: int, **pins: object) -> RunId:
    """A launched run, and nobody at work on it."""
    run = await rig.ready(people, **pins)
    await rig.stop_workers()
    rig.launch(run)
    return run


def _facts(*facts: tuple[int, int, str]) -> str:
    return json.dumps([{"n": n, "attempt": attempt, "kind": kind} for n, attempt, kind in facts])


@pytest.mark.fault(11)
async def test_the_back_off_counts_deferrals_and_not_what_was_handed_back(database: str) -> None:
    async with a_rig(database) as rig:
        run = await _running(rig, 2, backoff_seconds=[100, 10_000])
        for fact in ((1, 1, "not_begun"), (1, 2, "not_begun"), (1, 3, "deferred")):
            rig.call(RECORD, run, _facts(fact))
        rig.call(RECORD, run, _facts((1, 3, "deferred")))  # Told twice, it counts once.
        wait = (
            "SELECT extract(epoch FROM max(due_at) - now())::float8 FROM retry WHERE attempt = %s"
        )
        assert 80 < float(str(rig.call(wait, 4)[0])) < 120
        rig.call(RECORD, run, _facts((1, 4, "deferred")))
        assert float(str(rig.call(wait, 5)[0])) > 8000


async def test_a_batch_whose_time_is_over_ends_and_its_mails_are_accounted_for(
    database: str,
) -> None:
    async with a_rig(database) as rig:
        run = await _running(rig, 10)
        assert rig.call("SELECT end_overdue()") == (None,)
        rig.call("UPDATE batch SET until = now() RETURNING 1")
        await rig.start_worker()
        await rig.until(run, "finished")
        assert rig.counts(run) == {"purged": 10}
        assert not rig.begun()
        rig.adds_up(run)


async def test_several_letters_settled_at_once_never_deadlock_with_a_late_reply(
    database: str,
) -> None:
    async with a_rig(database) as rig:
        run = await _running(rig, 2)
        rig.call(RECORD, run, _facts((1, 1, "unknown"), (2, 1, "unknown")))
        rig.connection.execute("UPDATE batch SET stage = 'done'")
        rig.call("SELECT advance_runs()")
        assert rig.state(run) == "finished"
        settle = "SELECT settle_unknown(%s, %s, 1, 'resend', 0, 'manager')"
        with (
            psycopg.connect(database) as manager,
            psycopg.connect(database, autocommit=True) as worker,
            ThreadPoolExecutor(1) as threads,
        ):
            manager.execute("SELECT lock_letters(%s, '{1,2}')", [[run, run]])
            manager.execute(settle, [run, 1])
            late = threads.submit(worker.execute, RECORD, [run, _facts((2, 1, "deferred"))])
            waits, pid = "SELECT cardinality(pg_blocking_pids(%s)) > 0", worker.info.backend_pid
            while not rig.call(waits, pid)[0]:  # noqa: ASYNC110 - no bell rings here.
                await asyncio.sleep(LOOK_SECONDS)
            manager.execute(settle, [run, 2])
            manager.commit()
            late.result(10)
        rig.adds_up(run)
