"""Pause, resume, stop, purge queue, stop everything at full speed: counted at the relay.

Each acts within two seconds over either engine: no transaction begins later,
and what was purged is in the journal mail by mail.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import pytest
from django.db import connection

from postroad.app import App
from postroad.core.ids import RunId
from postroad.core.outcome import Phase
from postroad.core.queue import EverythingStopped, QueuePurged
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.testing.promised import allowed
from postroad.testing.relay import Script

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio
Told = TypeVar("Told")

SECONDS = 2.0
PEOPLE = 6000
FIRST = 300
"""Mails that are out when the act comes, so that it comes at full speed."""
LOOK_SECONDS = 5.0
"""As the product's: over the broker, what acts within two seconds was rung for."""


SLOW = Script(delays={Phase.DOT: 1.0})
SLOW_PEOPLE = 1200
CONNECTIONS = 50


async def acted(act: Callable[[], Told]) -> tuple[Told, float]:
    """What an action came to, and when it was asked for; as the console, in a thread of its own."""

    def told() -> Told:
        try:
            return act()
        finally:
            connection.close()

    asked_at = time.time()
    return await asyncio.to_thread(told), asked_at


@pytest.fixture(params=["postgres", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    """The address of a broker that rings; '' where the database does."""
    return str(request.getfixturevalue("broker_url")) if request.param == "rabbitmq" else ""


@asynccontextmanager
async def two_workers(
    database: str, broker: str, script: Script | None = None
) -> AsyncIterator[Rig]:
    async with a_rig(database, script, workers=0, connections=CONNECTIONS) as rig:
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
    assert rig.relay.tally.last_begun_at <= act_at + allowed(SECONDS)


def purged_are_journaled(rig: Rig, *runs: RunId, people: int = PEOPLE) -> None:
    """Each purged delivery has its row, and what the relay took is what was accepted."""
    accepted = 0
    for run in runs:
        counts = rig.counts(run)
        rows = rig.call(
            "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'purged'", run
        )
        assert rows == (counts["purged"],)
        assert counts["purged"] > 0
        assert counts["purged"] + counts.get("accepted", 0) == people // len(runs)
        accepted += counts.get("accepted", 0)
        rig.adds_up(run)
    assert accepted == len(rig.relay.tally.accepted)
    assert rig.relay.tally.twice == []


async def test_a_purged_queue_ends_a_run_at_full_speed(
    database: str, broker: str, app: App
) -> None:
    async with two_workers(database, broker) as rig:
        run = await at_full_speed(rig)
        _purged, purged_at = await acted(lambda: app.queues.purge("dispatch", "manager"))
        await rig.until(run, "finished")
        begins_nothing_after(rig, purged_at)
        purged_are_journaled(rig, run)


async def test_a_purged_queue_at_a_slow_relay_begins_nothing_after_two_seconds(
    database: str, broker: str, app: App
) -> None:
    """What workers hold and have not begun would take them long: it is given back and purged."""
    async with two_workers(database, broker, SLOW) as rig:
        run = await rig.ready(SLOW_PEOPLE)
        rig.launch(run)
        await rig.relay.until("accepted", CONNECTIONS)
        purged, purged_at = await acted(lambda: app.queues.purge("dispatch", "manager"))
        await rig.until(run, "finished")
        begins_nothing_after(rig, purged_at)
        purged_are_journaled(rig, run, people=SLOW_PEOPLE)
        assert isinstance(purged, QueuePurged)
        assert purged.in_flight <= 200, "a window of each worker, at most"
        taken = len(rig.relay.tally.accepted)
        assert purged.mails <= SLOW_PEOPLE - taken <= purged.mails + purged.in_flight


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


async def test_everything_stopped_at_full_speed_begins_nothing_after_two_seconds(
    database: str, broker: str, app: App
) -> None:
    async with two_workers(database, broker) as rig:
        ready = [await rig.ready(PEOPLE // 2, campaign_id=campaign) for campaign in (1, 2)]
        for run in ready:
            rig.launch(run)
        await rig.relay.until("accepted", FIRST)
        stopped, stopped_at = await acted(lambda: app.queues.stop_everything("manager"))
        assert isinstance(stopped, EverythingStopped)
        assert stopped.runs == len(ready)
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
        assert time.time() <= resumed_at + allowed(SECONDS)
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
