"""Pause, resume, stop, purge queue, stop everything at full speed: counted at the relay.

Each acts within two seconds over either engine: no transaction begins later,
and what was purged is in the journal mail by mail.
"""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from postroad.core.ids import RunId
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio

SECONDS = 2.0
PEOPLE = 6000
FIRST = 300
"""Mails that are out when the act comes, so that it comes at full speed."""
LOOK_SECONDS = 5.0
"""As the product's: over the broker, what acts within two seconds was rung for."""


@pytest.fixture(params=["postgres", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    """The address of a broker that rings; '' where the database does."""
    return str(request.getfixturevalue("broker_url")) if request.param == "rabbitmq" else ""


@asynccontextmanager
async def two_workers(database: str, broker: str) -> AsyncIterator[Rig]:
    async with a_rig(database, workers=0, connections=50) as rig:
        if broker:
            rig.carrier = lambda: RabbitDoorbell(broker)
            rig.look_seconds = LOOK_SECONDS
        for _ in range(2):
            await rig.start_worker()
        yield rig


async def at_full_speed(rig: Rig) -> RunId:
    run = await rig.ready(PEOPLE)
    rig.launch(run)
    await rig.relay.until("accepted", FIRST)
    return run


def begins_nothing_after(rig: Rig, act_at: float) -> None:
    assert rig.relay.tally.last_begun_at <= act_at + SECONDS


def purged_are_journaled(rig: Rig, *runs: RunId) -> None:
    """Each purged delivery has its row, and what the relay took is what was accepted."""
    accepted = 0
    for run in runs:
        counts = rig.counts(run)
        rows = rig.call(
            "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'purged'", run
        )
        assert rows == (counts["purged"],)
        assert counts["purged"] > 0
        assert counts["purged"] + counts.get("accepted", 0) == PEOPLE // len(runs)
        accepted += counts.get("accepted", 0)
        rig.adds_up(run)
    assert accepted == len(rig.relay.tally.accepted)
    assert rig.relay.tally.twice == []


async def test_a_purged_queue_ends_a_run_at_full_speed(database: str, broker: str) -> None:
    async with two_workers(database, broker) as rig:
        run = await at_full_speed(rig)
        rig.call("SELECT mails FROM purge_queue('dispatch', 'manager')")
        purged_at = time.time()
        await rig.until(run, "finished")
        begins_nothing_after(rig, purged_at)
        purged_are_journaled(rig, run)


async def test_stop_at_full_speed_begins_nothing_after_two_seconds(
    database: str, broker: str
) -> None:
    async with two_workers(database, broker) as rig:
        run = await at_full_speed(rig)
        rig.call("SELECT * FROM stop_run(%s, 'manager', 'enough')", run)
        stopped_at = time.time()
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE stage <> 'done'")
        begins_nothing_after(rig, stopped_at)
        purged_are_journaled(rig, run)


async def test_stopping_every_run_at_full_speed_begins_nothing_after_two_seconds(
    database: str, broker: str
) -> None:
    """A transaction a run, as *stop everything* does."""
    async with two_workers(database, broker) as rig:
        ready = [await rig.ready(PEOPLE // 2, campaign_id=campaign) for campaign in (1, 2)]
        for run in ready:
            rig.launch(run)
        await rig.relay.until("accepted", FIRST)
        for run in ready:
            rig.call("SELECT * FROM stop_run(%s, 'manager', 'all of it')", run)
        stopped_at = time.time()
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE stage <> 'done'")
        begins_nothing_after(rig, stopped_at)
        purged_are_journaled(rig, *ready)


async def test_pause_and_resume_at_full_speed_lose_and_double_nothing(
    database: str, broker: str
) -> None:
    async with two_workers(database, broker) as rig:
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


async def test_a_purge_by_the_brokers_own_means_changes_nothing(
    database: str, broker_url: str
) -> None:
    """It drops references, and neither a batch nor a mail: the sweep rings again."""
    bell = RabbitDoorbell(broker_url)
    async with two_workers(database, broker_url) as rig:
        rig.ring_again_seconds = 1
        await rig.start_worker()
        run = await at_full_speed(rig)
        dropped = await bell.depth("dispatch")
        await bell.purge()
        await rig.until(run, "finished")
        assert dropped > 0
        assert rig.counts(run) == {"accepted": PEOPLE}
        assert rig.relay.tally.twice == []
        rows = rig.call("SELECT count(*) FROM journal WHERE kind IN ('purged', 'queue_purged')")
        assert rows == (0,)
        rig.adds_up(run)
    await bell.close()
