"""Limits held by several workers at once, and lanes that delay no other; counted at the relay."""

import asyncio
from dataclasses import replace

import pytest

from postroad.core.outcome import Phase
from postroad.testing.promised import allowed
from postroad.testing.rates import record_of
from postroad.testing.relay import Event, Rule, Script

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio
A_SECOND = 50
MAILS = 500
TARPIT_SECONDS = 30.0


async def test_a_second_is_too_full_only_if_that_is_certain() -> None:
    """The relay stands still for 0.1 s: what came meanwhile is stamped after it."""
    even = [Event("begun", 100 + k / 10, 1, k) for k in range(30)]
    assert record_of(even).worst_second() == 10
    heap = [replace(event, at=max(event.at, 101.05) if event.at > 100.9 else event.at)
            for event in even]  # fmt: skip
    assert record_of(heap).worst_second() == 11
    stood = Event("stood", 101.05, 0, 0, seconds=0.15)
    assert record_of([*heap, stood]).worst_second() == 10


async def test_four_workers_never_exceed_a_rate_in_any_second_and_use_it(database: str) -> None:
    """Used is measured while there is work: neither the first mails nor the last.

    Time in which the whole process stood still, as on a busy machine, is left
    out of that, and where others want the processors less will do.
    """
    async with a_rig(database, workers=4, watches=True) as rig:
        rig.call("SELECT set_bucket('relay', '1', %s, NULL)", 60 * A_SECOND)
        await rig.finish(MAILS)
    record = record_of(rig.relay.events)
    assert len(record.begun) == MAILS
    assert record.worst_second() <= A_SECOND
    first, last = A_SECOND, MAILS * 4 // 5
    since, until = record.begun[first].at, record.begun[last].at
    could = A_SECOND * (until - since - record.stood_still(since, until))
    assert last - first >= could * 0.98 / allowed(1)


def two_lanes(rig: Rig) -> str:
    """600 people: every other one is of the lane `slow`, the others of the lane `quick`."""
    rig.connection.execute(
        """INSERT INTO lane_domain (domain, lane)
           VALUES ('slow.example', 'slow'), ('quick.example', 'quick')"""
    )
    rig.connection.execute(
        """CREATE FUNCTION postroad.lanes_v1() RETURNS TABLE (
            contact_key text, address text, address_key text, name text, zone text, data jsonb)
        LANGUAGE sql STABLE BEGIN ATOMIC
        SELECT k::text, a, a, 'Person ' || k, '', '{}'::jsonb
        FROM (SELECT k, 'p' || k || (CASE k % 2 WHEN 0 THEN '@slow' ELSE '@quick' END)
                        || '.example' AS a
              FROM generate_series(1, 600) k) p; END"""
    )
    return "postroad.lanes_v1"


@pytest.mark.fault(13)
async def test_a_lane_that_nobody_answers_delays_no_other(database: str) -> None:
    tarpit = Rule(Phase.RCPT, recipient="*@slow.example", delay=TARPIT_SECONDS)
    async with a_rig(database, Script(rules=(tarpit,)), workers=0) as rig:
        rig.timeouts = type(rig.timeouts).all_of(60)
        await rig.start_worker()
        run = await rig.ready(600, routine=two_lanes(rig))
        began_at = asyncio.get_running_loop().time()
        rig.launch(run)
        await rig.until_true("SELECT count(*) = 300 FROM delivery_state WHERE state = 'accepted'")
        assert asyncio.get_running_loop().time() - began_at < TARPIT_SECONDS
        rig.call("SELECT stop_run(%s, 'manager', 'Enough.')", run)
        rig.relay.drop_all()
    quick = {who for who in rig.relay.tally.accepted_recipients if "@quick" in who}
    assert len(quick) == 300


async def test_a_reserve_takes_over_while_the_first_relay_is_out_of_use(database: str) -> None:
    relays = [{"relay_id": 1, "weight": 1}, {"relay_id": 2, "weight": 0}]
    async with a_rig(database) as rig:
        run = await rig.ready(50, relays=relays)
        rig.connection.execute("SELECT stop_relay(1, NULL, 'The account was refused.')")
        rig.launch(run)
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 50}
        used = "SELECT array_agg(DISTINCT relay_id) FROM batch WHERE run_id = %s"
        assert rig.call(used, run)[0] == [2]


async def test_a_rate_that_is_taken_away_frees_the_mails_that_wait_for_a_token(
    database: str,
) -> None:
    """One slow connection lets most tokens go by unused."""
    late = Rule(Phase.MAIL, delay=0.05)
    async with a_rig(database, Script(rules=(late,)), connections=1) as rig:
        rig.call("SELECT set_bucket('relay', '1', %s, NULL)", 60 * A_SECOND)
        run = await rig.ready(90)
        rig.launch(run)
        await rig.until_true("SELECT count(*) >= 10 FROM delivery_state WHERE state = 'accepted'")
        rig.connection.execute("DELETE FROM bucket")
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 90}
