"""Urgent runs begin at once, however busy the workers are with others."""

import time

import pytest

from postroad.core.ids import RunId
from postroad.core.outcome import Phase
from postroad.testing.promised import allowed
from postroad.testing.relay import Script

from .rig import Rig, a_rig
from .worker_process import a_worker_process

pytestmark = pytest.mark.asyncio
BULK = 4000
URGENT = 100
A_MAIL_SECONDS = 0.5
CONNECTIONS = 10
SOON_SECONDS = 2.0


def the_urgent(rig: Rig) -> str:
    """A hundred other people, of the same domain and so of the same lane."""
    rig.connection.execute(
        f"""CREATE FUNCTION postroad.urgent_v1() RETURNS TABLE (
            contact_key text, address text, address_key text, name text, zone text, data jsonb)
        LANGUAGE sql STABLE BEGIN ATOMIC
        SELECT k::text, a, a, 'Person ' || k, '', '{{}}'::jsonb
        FROM (SELECT k, 'urgent' || k || '@example.org' AS a
              FROM generate_series(1, {URGENT}) k) p; END"""
    )
    return "postroad.urgent_v1"


async def two_runs(rig: Rig) -> tuple[RunId, RunId]:
    """A huge one that is under way, with all the batches that a worker takes of such, and
    an urgent one that is ready."""
    huge = await rig.ready(BULK)
    urgent = await rig.ready(URGENT, campaign_id=2, routine=the_urgent(rig), priority=1)
    rig.launch(huge)
    await rig.until_true(
        "SELECT count(*) >= 4 FROM batch WHERE run_id = %s AND owner IS NOT NULL", huge
    )
    await rig.relay.until("accepted", 3 * CONNECTIONS)
    return huge, urgent


async def begins_soon(rig: Rig) -> None:
    huge, urgent = await two_runs(rig)
    launched_at = time.time()
    rig.launch(urgent)
    await rig.until_true("SELECT count(*) > 0 FROM journal WHERE run_id = %s AND n > 0", urgent)
    begun = [e for e in rig.relay.events if e.event == "begun" and "urgent" in e.recipient]
    assert begun[0].at - launched_at <= allowed(SOON_SECONDS)
    await rig.until(urgent, "finished")
    assert rig.counts(urgent) == {"accepted": URGENT}
    rig.call("SELECT stop_run(%s, 'manager', 'Enough.')", huge)
    await rig.until_true(
        "SELECT count(*) = 0 FROM batch WHERE run_id = %s AND owner IS NOT NULL", huge
    )
    # It is purged in bites: two counts in between would differ.
    await rig.until_true(
        "SELECT count(*) = 0 FROM delivery_state WHERE run_id = %s"
        " AND state IN ('prepared', 'deferred')",
        huge,
    )
    for run in (huge, urgent):
        rig.adds_up(run)
    assert max(rig.begun().values()) == 1


SLOW = Script(delays={Phase.DOT: A_MAIL_SECONDS})


@pytest.fixture(params=["postgres", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> str:
    """The broker's URL; '' where the database rings."""
    return str(request.getfixturevalue("broker_url")) if request.param == "rabbitmq" else ""


async def test_an_urgent_run_begins_soon_beside_a_huge_one(database: str, broker: str) -> None:
    async with a_rig(database, SLOW, workers=0) as rig:
        ports = {1: rig.relay.port}
        async with a_worker_process(database, ports, connections=CONNECTIONS, broker_url=broker):
            await begins_soon(rig)
