"""Whole runs through the real engine, counted at the relay."""

import time
from bisect import bisect_left
from typing import Any

import pytest

from postroad.core.metrics import REPLY_BOUNDS
from postroad.core.outcome import Phase
from postroad.engine.facts import FactRow
from postroad.engine.protocol import ClaimedBatch, WindowReport
from postroad.testing.promised import allowed
from postroad.testing.rates import record_of
from postroad.testing.relay import Act, Rule, Script

from .rig import a_rig

pytestmark = pytest.mark.asyncio


async def test_a_run_ends_accepted_once_each_and_adds_up(database: str) -> None:
    async with a_rig(database, workers=2) as rig:
        run = await rig.finish(250)
        assert rig.counts(run) == {"accepted": 250}
        assert len(rig.relay.tally.accepted) == 250
        assert rig.relay.tally.twice == []
        rig.adds_up(run)


async def test_a_run_ends_with_its_last_batch_whenever_the_schedulers_next_turn_is(
    database: str,
) -> None:
    """The worker takes one when it starts, and the next in an hour; nor does it look sooner."""
    async with a_rig(database, workers=0) as rig:
        rig.turn_seconds = rig.look_seconds = 3600
        await rig.start_worker()
        run = await rig.finish(250)
        assert rig.counts(run) == {"accepted": 250}


@pytest.mark.fault(11)
async def test_a_batch_with_three_deferrals_causes_exactly_three_more_transactions(
    database: str,
) -> None:
    rules = tuple(
        Rule(Phase.RCPT, reply="451 4.3.0 later", recipient=f"person{k}@*", times=1)
        for k in (3, 50, 99)
    )
    async with a_rig(database, Script(rules=rules)) as rig:
        run = await rig.finish(100)
        assert rig.counts(run) == {"accepted": 100}
        assert sum(rig.begun().values()) == 103
        assert {who for who, count in rig.begun().items() if count == 2} == {
            f"person{k}@example.org" for k in (3, 50, 99)
        }
        rig.adds_up(run)


@pytest.mark.fault(13, 14)
async def test_silence_after_the_dot_is_unknown_and_never_sent_again(database: str) -> None:
    rule = Rule(Phase.DOT, Act.SILENCE, recipient="person5@*", is_accepted=True)
    async with a_rig(database, Script(rules=(rule,))) as rig:
        rig.timeouts = type(rig.timeouts).all_of(1)
        await rig.stop_workers()
        await rig.start_worker()
        run = await rig.finish(20)
        assert rig.counts(run) == {"accepted": 19, "unknown": 1}
        await rig.stop_workers()
        carriers = "SELECT (SELECT count(*) FROM retry), count(*) FROM batch WHERE stage <> 'done'"
        assert rig.call(carriers) == (0, 0), "nothing that could send it again"
        assert rig.begun()["person5@example.org"] == 1
        rig.adds_up(run)


@pytest.mark.fault(12)
async def test_refusals_end_as_rejected_or_dead_by_their_class(database: str) -> None:
    rules = (
        Rule(Phase.RCPT, reply="550 5.1.1 no such user", recipient="person1@*"),
        Rule(Phase.DOT, reply="552 5.3.4 message too big", recipient="person2@*"),
    )
    async with a_rig(database, Script(rules=rules)) as rig:
        run = await rig.finish(10)
        assert rig.counts(run) == {"accepted": 8, "rejected": 1, "dead": 1}
        causes = rig.connection.execute(
            "SELECT state, cause FROM attention ORDER BY state"
        ).fetchall()
        assert causes == [("dead", "552 5.3.4"), ("rejected", "550 5.1.1")]


async def test_a_dead_letter_is_requeued_once_after_the_run_has_finished(database: str) -> None:
    rule = Rule(Phase.DOT, reply="552 5.3.4 too big", recipient="person2@*", times=1)
    async with a_rig(database, Script(rules=(rule,))) as rig:
        run = await rig.finish(10)
        n, attempt = rig.call("SELECT n, attempt FROM delivery_state WHERE state = 'dead'")
        ask = "SELECT requeue_dead(%s, %s, %s::smallint, 'manager')"
        assert rig.call(ask, run, n, attempt) == ("requeued",)
        assert rig.call(ask, run, n, attempt) == ("already",)
        await rig.until_true(
            "SELECT state = 'finished' AND (SELECT count(*) = 10 FROM delivery_state"
            " WHERE state = 'accepted') FROM run WHERE id = %s",
            run,
        )
        assert rig.begun()["person2@example.org"] == 2
        assert rig.connection.execute("SELECT * FROM attention").fetchall() == []
        rig.adds_up(run)


async def test_a_letter_requeued_after_the_time_to_give_up_has_that_time_once_more(
    database: str,
) -> None:
    rules = (
        Rule(Phase.DOT, reply="552 5.3.4 too big", recipient="person2@*", times=1),
        Rule(Phase.RCPT, reply="451 4.3.0 later", recipient="person2@*", nth=(4,)),
    )
    async with a_rig(database, Script(rules=rules)) as rig:
        run = await rig.finish(3, give_up_seconds=60)
        # Two minutes later, by the database: the run's own time to give up is over.
        rig.connection.execute("UPDATE run SET started_at = started_at - interval '2 minutes'")
        n, attempt = rig.call("SELECT n, attempt FROM delivery_state WHERE state = 'dead'")
        rig.call("SELECT requeue_dead(%s, %s, %s::smallint, 'manager')", run, n, attempt)
        await rig.until_true(
            "SELECT state IN ('accepted', 'dead') AND attempt > %s FROM delivery_state"
            " WHERE run_id = %s AND n = %s",
            attempt,
            run,
            n,
        )
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 3}
        assert rig.begun()["person2@example.org"] == 3


@pytest.mark.fault(22)
async def test_stop_begins_nothing_later_than_two_seconds_at_a_slow_relay(database: str) -> None:
    script = Script(delays={Phase.DOT: 1.0})
    async with a_rig(database, script, connections=50) as rig:
        run = await rig.ready(2000)
        rig.launch(run)
        await rig.relay.until("accepted", 60)
        rig.call("SELECT * FROM stop_run(%s, 'manager', 'enough')", run)
        stopped_at = time.time()
        await rig.until_true(
            "SELECT count(*) = 0 FROM batch WHERE run_id = %s AND stage <> 'done'", run
        )
        counts = rig.counts(run)
        assert rig.relay.tally.last_begun_at <= stopped_at + allowed(2)
        assert counts["accepted"] == len(rig.relay.tally.accepted)
        assert counts["accepted"] + counts["purged"] == 2000
        purged = rig.call("SELECT count(*) FROM journal WHERE run_id = %s AND kind = 'purged'", run)
        assert purged == (counts["purged"],)
        rig.adds_up(run)


@pytest.mark.fault(22)
async def test_pause_begins_nothing_more_and_resume_sends_the_rest_once(database: str) -> None:
    async with a_rig(database, Script(delays={Phase.DOT: 0.2})) as rig:
        run = await rig.ready(100)
        rig.launch(run)
        await rig.relay.until("accepted", 10)
        assert rig.call("SELECT pause_run(%s, 'manager')", run) == ("running",)
        paused_at = time.time()
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE owner IS NOT NULL")
        assert rig.relay.tally.last_begun_at <= paused_at + allowed(2)
        assert len(rig.relay.tally.accepted) < 100
        rig.adds_up(run)
        rig.call("SELECT resume_run(%s, 'manager')", run)
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 100}
        assert rig.relay.tally.twice == []


@pytest.mark.fault(21)
async def test_a_person_suppressed_behind_a_limit_never_gets_it(database: str) -> None:
    async with a_rig(database) as rig:
        rig.call("SELECT set_bucket('relay', '1', 300, NULL)")
        run = await rig.ready(30)
        rig.launch(run)
        await rig.relay.until("accepted", 2)
        row = rig.call("SELECT address, hash FROM delivery WHERE n = 30")
        rig.connection.execute(
            "INSERT INTO suppression (hash, address, reason) VALUES (%s, %s, 'unsubscribed')",
            [row[1], row[0]],
        )
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 29, "suppressed": 1}
        assert rig.begun()[str(row[0])] == 0
        rig.adds_up(run)


async def test_a_rate_limit_holds_over_two_workers_counted_at_the_relay(database: str) -> None:
    """What comes while the relay, in this process, stands still is stamped in a heap after it."""
    async with a_rig(database, workers=2, watches=True) as rig:
        rig.call("SELECT set_bucket('relay', '1', 1200, NULL)")
        run = await rig.finish(60)
        assert rig.counts(run) == {"accepted": 60}
        assert record_of(rig.relay.events).worst_second() <= 20


async def test_an_undone_launch_has_sent_nothing(database: str) -> None:
    async with a_rig(database) as rig:
        run = await rig.ready(10)
        rig.launch(run, undo_seconds=600)
        assert rig.state(run) == "scheduled"
        assert rig.call("SELECT undo_launch(%s, 'manager')", run) == (True,)
        assert rig.call("SELECT release_run(%s)", run) == (False,)
        assert rig.call("SELECT state, release_at FROM run WHERE id = %s", run) == ("ready", None)
        assert not rig.begun()
        rig.launch(run, undo_seconds=0.5)
        await rig.until(run, "finished")
        assert rig.call("SELECT undo_launch(%s, 'manager')", run) == (False,)
        assert rig.counts(run) == {"accepted": 10}


@pytest.mark.fault(18)
async def test_verify_and_launch_pressed_twice_are_one_run_and_one_launch(database: str) -> None:
    async with a_rig(database) as rig:
        first, second = rig.verify(10), rig.verify(10)
        assert first == second
        await rig.until(first, "ready")
        rig.launch(first)
        rig.launch(first)
        await rig.until(first, "finished")
        assert rig.counts(first) == {"accepted": 10}
        assert rig.relay.tally.twice == []


async def test_more_people_than_a_personal_campaign_may_have_stop_the_run(database: str) -> None:
    async with a_rig(database) as rig:
        run = rig.verify(501, max_recipients=500)
        await rig.until(run, "stopped")
        reason = rig.call("SELECT reason FROM run WHERE id = %s", run)[0]
        assert "at most 500 people and this audience has 501" in str(reason)


@pytest.mark.parametrize(
    "rule",
    [
        Rule(Phase.BANNER, reply="421 4.3.2 not now", times=2),
        Rule(Phase.MAIL, reply="421 4.7.0 slow down", times=2),
        Rule(Phase.BANNER, Act.DROP, times=1),
    ],
    ids=["banner 421", "mail 421", "banner drop"],
)
@pytest.mark.fault(11)
async def test_a_relay_that_is_away_for_a_while_burns_no_recipient(
    database: str, rule: Rule, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postroad.engine.dispatch.RELAY_PAUSE_SECONDS", 0.5)
    async with a_rig(database, Script(rules=(rule,))) as rig:
        run = await rig.finish(30)
        assert rig.counts(run) == {"accepted": 30}
        assert rig.relay.tally.twice == []
        rig.adds_up(run)


@pytest.mark.fault(15)
async def test_a_refused_password_stops_the_relay_until_a_person_acts(database: str) -> None:
    script = Script(announce=("PIPELINING", "AUTH PLAIN"), user="me", password="right")
    async with a_rig(database, script) as rig:
        target = rig.relay.target
        rig.relay.target = lambda **changes: target(user="me", password="wrong", **changes)  # type: ignore[method-assign]
        run = await rig.ready(20)
        rig.launch(run)
        await rig.until_true("SELECT EXISTS (SELECT FROM relay_health WHERE stopped_at IS NOT NULL"
                             " AND retry_at IS NULL)")  # fmt: skip
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE owner IS NOT NULL")
        assert rig.counts(run) == {"prepared": 20}
        rig.relay.target = lambda **changes: target(user="me", password="right", **changes)  # type: ignore[method-assign]
        rig.call("SELECT start_relay(1, 'manager')")
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 20}


@pytest.mark.fault(7)
async def test_a_worker_that_drains_hands_the_rest_to_the_next(database: str) -> None:
    async with a_rig(database, Script(delays={Phase.DOT: 0.1})) as rig:
        run = await rig.ready(100)
        rig.launch(run)
        await rig.relay.until("accepted", 10)
        await rig.stop_workers()
        assert len(rig.relay.tally.accepted) < 100
        assert rig.connection.execute("SELECT FROM batch WHERE owner IS NOT NULL").fetchall() == []
        await rig.start_worker()
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 100}
        assert rig.relay.tally.twice == []


async def test_what_the_relay_took_for_each_mail_is_told_to_the_metrics(database: str) -> None:
    rules = (
        Rule(Phase.DOT, recipient="person3@*", delay=0.3),
        Rule(Phase.DOT, recipient="person5@*", act=Act.DROP),
        Rule(Phase.RCPT, recipient="person7@*", reply="550 5.1.1 nobody"),
    )
    async with a_rig(database, Script(rules=rules)) as rig:
        await rig.finish(20)
        await rig.stop_workers()
        rig.call("SELECT compact_counts()")
        told = (
            "SELECT sum(count), sum(seconds), max(bucket) FROM latency_total WHERE kind = 'reply'"
        )
        count, seconds, slowest = rig.call(told)
        assert count == 19, "each that got a reply, a refusal too; the unknown one did not"
        assert float(str(seconds)) >= 0.3
        assert int(str(slowest)) >= bisect_left(REPLY_BOUNDS, 0.3)


async def test_a_pause_that_is_heard_while_a_report_is_under_way_gives_the_batch_back(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report was written before it: nothing in it hands the batch back. The next one does."""
    async with a_rig(database, workers=0) as rig:
        worker = await rig.start_worker()
        tell = worker._protocol.report_window
        heard: list[int] = []

        async def told(
            batch: ClaimedBatch, facts: list[FactRow], hi: int | None, *rest: Any
        ) -> WindowReport:
            begins_no_more = bool(facts and not heard)
            report = await tell(batch, facts, None if begins_no_more else hi, *rest)
            (sending,) = worker._dispatcher._sendings.values()
            if begins_no_more and not (sending.out or sending.facts):
                heard.append(sending.upto)
                sending.interrupt()
            return report

        monkeypatch.setattr(worker._protocol, "report_window", told)
        run = await rig.finish(100)
        assert heard, "it was heard between the last report and its answer"
        assert heard[0] < 100
        assert rig.counts(run) == {"accepted": 100}
        assert rig.relay.tally.twice == []
