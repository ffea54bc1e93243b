"""Pause, resume, stop, purge queue, stop everything at full speed: counted at the relay.

Each acts within two seconds: no transaction begins later, and what was purged
is in the journal mail by mail.
"""

import time

import pytest

from postroad.core.ids import RunId

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio

SECONDS = 2.0
PEOPLE = 6000
FIRST = 300
"""Mails that are out when the act comes, so that it comes at full speed."""


async def at_full_speed(rig: Rig) -> RunId:
    run = await rig.ready(PEOPLE)
    rig.launch(run)
    await rig.relay.until("accepted", FIRST)
    return run


def begins_nothing_after(rig: Rig, act_at: float) -> None:
    assert rig.relay.tally.last_begun_at <= act_at + SECONDS


def purged_are_journaled(rig: Rig, run: RunId) -> None:
    """Each purged delivery has its row, and what the relay took is what was accepted."""
    counts = rig.counts(run)
    rows = rig.call(
        "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'purged'", run
    )
    assert rows == (counts["purged"],)
    assert counts["purged"] > 0
    assert counts["accepted"] == len(rig.relay.tally.accepted)
    assert counts["accepted"] + counts["purged"] == PEOPLE
    assert rig.relay.tally.twice == []
    rig.adds_up(run)


async def test_a_purged_queue_ends_a_run_at_full_speed(database: str) -> None:
    async with a_rig(database, workers=2, connections=50) as rig:
        run = await at_full_speed(rig)
        rig.call("SELECT mails FROM purge_queue('dispatch', 'manager')")
        purged_at = time.time()
        await rig.until(run, "finished")
        begins_nothing_after(rig, purged_at)
        purged_are_journaled(rig, run)


async def test_stop_at_full_speed_begins_nothing_after_two_seconds(database: str) -> None:
    async with a_rig(database, workers=2, connections=50) as rig:
        run = await at_full_speed(rig)
        rig.call("SELECT * FROM stop_run(%s, 'manager', 'enough')", run)
        stopped_at = time.time()
        await rig.until_true(
            "SELECT count(*) = 0 FROM batch WHERE run_id = %s AND stage <> 'done'", run
        )
        begins_nothing_after(rig, stopped_at)
        purged_are_journaled(rig, run)


async def test_pause_and_resume_at_full_speed_lose_and_double_nothing(database: str) -> None:
    async with a_rig(database, workers=2, connections=50) as rig:
        run = await at_full_speed(rig)
        rig.call("SELECT pause_run(%s, 'manager')", run)
        paused_at = time.time()
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE owner IS NOT NULL")
        begins_nothing_after(rig, paused_at)
        taken = len(rig.relay.tally.accepted)
        assert taken < PEOPLE
        rig.call("SELECT resume_run(%s, 'manager')", run)
        resumed_at = time.time()
        await rig.relay.until("accepted", taken + 1)
        assert time.time() <= resumed_at + SECONDS
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": PEOPLE}
        assert rig.relay.tally.twice == []
        rig.adds_up(run)
