"""Whether all still agrees is looked at always; each kind of difference, made by hand, is found."""

import asyncio
from typing import LiteralString
from uuid import uuid4

import pytest

from postroad.core.ids import RunId
from postroad.core.outcome import Phase
from postroad.testing.relay import Rule, Script

from .rig import Rig, a_rig

pytestmark = pytest.mark.asyncio

SOME_REFUSED = Script(
    rules=(
        Rule(Phase.RCPT, reply="550 5.1.1 unknown", recipient="*person7@*"),
        Rule(Phase.RCPT, reply="451 4.2.0 later", recipient="*person8@*", times=1),
        Rule(Phase.RCPT, reply="452 4.3.1 much later", recipient="*person9@*"),
    )
)


def look(rig: Rig, run: RunId) -> dict[str, str]:
    """A whole round over the run, now; the alarms that stand after it."""
    before = rig.call("SELECT coalesce(max(rounds), 0) FROM reconciliation WHERE run_id = %s", run)
    for _ in range(50):
        rig.connection.execute("UPDATE reconciliation SET next_at = now() WHERE run_id = %s", [run])
        rig.connection.execute("UPDATE reconciliation_pace SET at = '-infinity'")
        rig.call("SELECT reconcile_runs()")
        rounds = "SELECT coalesce(max(rounds), 0) FROM reconciliation WHERE run_id = %s"
        if rig.call(rounds, run) > before:
            break
    else:
        raise AssertionError("no round has ended")
    return dict(rig.connection.execute("SELECT kind, text FROM list_alarms()").fetchall())


async def a_run(rig: Rig, *, paused: bool) -> RunId:
    """Nothing moves any more: accepted, refused, and one that waits for a retry."""
    run = await rig.ready(30, backoff_seconds=[3600])
    if not paused:
        rig.launch(run)
        await rig.until_true(
            "SELECT count(*) >= 27 FROM delivery_state WHERE run_id = %s AND state = 'accepted'",
            run,
        )
        await rig.until_true(
            "SELECT NOT EXISTS (SELECT FROM batch WHERE run_id = %s AND stage <> 'done')", run
        )
    await rig.stop_workers()
    return run


async def test_nothing_differs_in_runs_of_every_state(database: str) -> None:
    async with a_rig(database, SOME_REFUSED) as rig:
        finished = await rig.finish(150, give_up_seconds=1)
        stopped = await rig.ready(50)
        rig.call("SELECT was FROM stop_run(%s, 'manager', 'enough')", stopped)
        waiting = await a_run(rig, paused=False)
        assert look(rig, finished) == {}
        assert look(rig, stopped) == {}
        assert look(rig, waiting) == {}


BEFORE: dict[str, tuple[LiteralString, str]] = {
    "window": ("UPDATE batch SET started_upto = 3", "3 mails begun without an outcome"),
    "waiting": ("UPDATE batch SET stage = 'done'", "30 mails that wait and are in no queue"),
}
AFTER: dict[str, tuple[LiteralString, str]] = {
    "counts": ("UPDATE count_delta SET change = change + 1 WHERE state = 'accepted'", "counters"),
    "attention": ("DELETE FROM attention WHERE state = 'dead' OR state = 'rejected'", "1 mails"),
    "retry": ("UPDATE retry SET attempt = 1", "retries of attempts that have been made"),
    "journal": ("DELETE FROM journal WHERE kind = 'accepted' AND n < 4", "first: mail 1"),
    "waiting": ("DELETE FROM retry", "mails that wait and are in no queue"),
}


@pytest.mark.parametrize("kind", BEFORE)
async def test_a_difference_before_the_launch_is_an_alarm(database: str, kind: str) -> None:
    async with a_rig(database) as rig:
        run = await a_run(rig, paused=True)
        found_out(rig, run, kind, *BEFORE[kind])


@pytest.mark.parametrize("kind", AFTER)
async def test_a_difference_after_sending_is_an_alarm(database: str, kind: str) -> None:
    async with a_rig(database, SOME_REFUSED) as rig:
        run = await a_run(rig, paused=False)
        found_out(rig, run, kind, *AFTER[kind])


def found_out(rig: Rig, run: RunId, kind: str, harm: LiteralString, text: str) -> None:
    assert look(rig, run) == {}
    with rig.connection.transaction(force_rollback=False):
        rig.connection.execute(harm)
    alarms = look(rig, run)
    assert text in alarms[kind]
    assert f"Run {run}: " in alarms[kind]
    told = "SELECT count(*) FROM journal WHERE kind = 'alarm' AND run_id = %s"
    first = rig.call(told, run)
    look(rig, run)
    assert rig.call(told, run) == first, "journaled when it begins, not at every look"


async def test_mails_moved_to_the_lane_of_their_domain_are_in_a_queue(database: str) -> None:
    async with a_rig(database) as rig:
        run = await a_run(rig, paused=True)
        domain = "SELECT split_part(address, '@', 2) FROM delivery LIMIT 1"
        rig.call(f"SELECT promote_domain(({domain}), 'manager', '')")
        worker = uuid4()
        rig.connection.execute("UPDATE batch SET owner = %s", [worker])
        moved = "SELECT sum(split_promoted(id, %s)) FROM batch WHERE owner = %s"
        assert rig.call(moved, worker, worker) == (30,)
        rig.connection.execute("UPDATE batch SET owner = NULL")
        assert look(rig, run) == {}
        rig.connection.execute("UPDATE batch SET stage = 'done' WHERE item_n <> '{}'")
        assert "30 mails that wait and are in no queue" in look(rig, run)["waiting"]


@pytest.mark.fault(12)
async def test_a_mail_refused_by_policy_is_an_alarm_for_a_day_and_suppresses_nobody(
    database: str,
) -> None:
    refused = Script(rules=(Rule(Phase.RCPT, reply="550 5.7.1 blocked", recipient="*person7@*"),))
    async with a_rig(database, refused) as rig:
        run = await rig.finish(30, backoff_seconds=[60])
        assert rig.counts(run)["rejected"] > 0
        text = look(rig, run)["policy"]
        assert "550 5.7.1 blocked" in text
        assert "look at the sender's" in text
        assert rig.call("SELECT count(*) FROM suppression") == (0,)
        rig.connection.execute("UPDATE run SET finished_at = now() - interval '25 hours'")
        assert look(rig, run) == {}
        told = "SELECT array_agg(kind ORDER BY id) FROM journal WHERE kind LIKE 'alarm%%'"
        assert rig.call(told) == (["alarm", "alarm_over"],)


async def test_states_that_are_no_recipients_are_an_alarm(database: str) -> None:
    async with a_rig(database) as rig:
        run = await a_run(rig, paused=True)
        rig.connection.execute("DELETE FROM delivery_state WHERE n = 5")
        assert "30 recipients, but 29 states" in look(rig, run)["counts"]


async def test_a_reply_that_the_state_does_not_show_is_an_alarm(database: str) -> None:
    async with a_rig(database) as rig:
        run = await rig.finish(5)
        await rig.stop_workers()
        rig.connection.execute(
            "UPDATE delivery_state SET state = 'rejected', fact = 'rejected' WHERE n = 2"
        )
        assert set(look(rig, run)) == {"counts", "journal", "attention"}


async def test_an_alarm_is_over_when_all_agrees_again(database: str) -> None:
    async with a_rig(database) as rig:
        run = await a_run(rig, paused=True)
        rig.connection.execute("UPDATE batch SET started_upto = 3")
        assert "window" in look(rig, run)
        rig.connection.execute("UPDATE batch SET started_upto = 0")
        assert look(rig, run) == {}
        told = rig.connection.execute(
            "SELECT kind, detail->>'alarm' FROM journal WHERE kind LIKE 'alarm%' ORDER BY 1, 2"
        ).fetchall()
        both = ["waiting", "window"]
        assert told == [("alarm", k) for k in both] + [("alarm_over", k) for k in both]


async def test_a_large_run_is_looked_at_in_bites_while_it_sends(database: str) -> None:
    async with a_rig(database, connections=8) as rig:
        run = await rig.ready(2500)
        rig.launch(run)
        while rig.state(run) != "finished":
            # The workers of this loop must go on while the look waits for their locks.
            assert await asyncio.to_thread(look, rig, run) == {}
        assert await asyncio.to_thread(look, rig, run) == {}
        await rig.stop_workers()
        rig.connection.execute("DELETE FROM journal WHERE kind = 'accepted' AND n = 2400")
        assert "first: mail 2400" in look(rig, run)["journal"]


async def test_the_scheduler_looks_by_itself(database: str) -> None:
    async with a_rig(database) as rig:
        run = await rig.ready(10)
        await asyncio.to_thread(rig.connection.execute, "UPDATE batch SET started_upto = 3")
        await rig.until_true("SELECT EXISTS (SELECT FROM alarm WHERE run_id = %s)", run)
