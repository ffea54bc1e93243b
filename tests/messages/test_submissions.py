"""A single mail from outside is a run of one: same stages, a gate instead of a person."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from postroad.core.ids import RunId
from postroad.core.mail import Failed
from postroad.testing.relay import Phase, Rule, Script
from tests.engine.rig import PlainPreparer, Rig, a_rig
from tests.messages.opened import open_campaign, submit


def run_of(outcome: tuple[str, int | None]) -> RunId:
    assert outcome[1] is not None, outcome
    return RunId(outcome[1])


async def test_a_single_mail_goes_out_by_itself(dsn: str) -> None:
    async with a_rig(dsn) as rig:
        campaign = open_campaign(rig.connection)
        run = run_of(submit(rig.connection, campaign, data={"order": "17"}))
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 1}
        assert rig.begun() == {"Ann@example.org": 1}
        rig.adds_up(run)
        assert rig.call("SELECT priority FROM run WHERE id = %s", run) == (1,)
        key, data = rig.call("SELECT contact_key, data FROM delivery WHERE run_id = %s", run)
        assert key == "order 1"
        assert data == {"order": "17", "name": "Ann", "address": "Ann@example.org"}


async def test_the_same_id_again_is_the_same_mail(dsn: str) -> None:
    async with a_rig(dsn) as rig:
        campaign = open_campaign(rig.connection)
        first = submit(rig.connection, campaign)
        await rig.until(run_of(first), "finished")
        assert submit(rig.connection, campaign) == ("already", first[1])
        assert submit(rig.connection, open_campaign(rig.connection))[0] == "taken"
        await rig.until_true("SELECT bool_and(state = 'finished') FROM run")
        assert rig.begun()["Ann@example.org"] == 2


@pytest.mark.fault(18)
def test_submitted_by_many_at_once_it_is_one(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        campaign = open_campaign(connection)

    def once(_: int) -> tuple[str, int | None]:
        with psycopg.connect(dsn, autocommit=True) as connection:
            return submit(connection, campaign)

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(once, range(16)))
    assert sorted(word for word, _ in outcomes) == ["already"] * 15 + ["taken"]
    assert len({run for _, run in outcomes}) == 1


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"is_open": False}, "closed"),
        ({"state": "archived"}, "closed"),
        ({"content_id": None}, "incomplete"),
        ({"sender_address": ""}, "incomplete"),
        ({"is_personal": False}, "incomplete"),
    ],
)
def test_a_campaign_that_is_not_ready_for_it_refuses(
    dsn: str, fields: dict[str, Any], outcome: str
) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        campaign = open_campaign(connection, **fields)
        assert submit(connection, campaign) == (outcome, None)
        assert submit(connection, campaign + 1) == ("unknown", None)
        kept = connection.execute("SELECT (SELECT count(*) FROM submission), count(*) FROM run")
        assert kept.fetchone() == (0, 0)


async def test_a_suppressed_address_gets_nothing_and_says_why(dsn: str) -> None:
    async with a_rig(dsn) as rig:
        campaign = open_campaign(rig.connection)
        rig.call(
            "SELECT suppress_address(sha256('ann@example.org'), 'ann@example.org', 'unsubscribed')"
        )
        run = run_of(submit(rig.connection, campaign))
        await rig.until(run, "stopped")
        reason = str(rig.call("SELECT reason FROM run WHERE id = %s", run)[0])
        assert reason.startswith("The address is suppressed")
        assert rig.begun() == {}


class FailingPreparer(PlainPreparer):
    def prepare(self, sender: Any, recipients: Any) -> list[Any]:
        text = "The variable order is missing."
        return [Failed(each.n, "variable order", text) for each in recipients]


async def test_the_gate_holds_a_mail_that_could_not_be_prepared(
    dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.engine.rig.PlainPreparer", FailingPreparer)
    async with a_rig(dsn) as rig:
        run = run_of(submit(rig.connection, open_campaign(rig.connection)))
        await rig.until(run, "held")
        reason = str(rig.call("SELECT reason FROM run WHERE id = %s", run)[0])
        assert "The mail could not be prepared: The variable order is missing." in reason
        # A person lets it go on: there is nothing to send, and it ends.
        rig.call("SELECT resume_run(%s, 'manager')", run)
        await rig.until(run, "finished")
        assert rig.counts(run) == {"failed": 1}
        assert rig.begun() == {}


async def test_single_mails_and_a_verified_run_stand_side_by_side(dsn: str) -> None:
    async with a_rig(dsn) as rig:
        campaign = open_campaign(rig.connection)
        verified = await rig.ready(3, campaign_id=campaign)
        for number in range(5):
            submit(rig.connection, campaign, f"order {number}", address=f"p{number}@example.org")
        await rig.until_true("SELECT count(*) = 5 FROM run WHERE state = 'finished'")
        assert rig.state(verified) == "ready"
        # Verify again finds the verified one; an edit abandons that and none of the others.
        again = rig.verify(3, campaign_id=campaign)
        assert again == verified
        submit(rig.connection, campaign, "late", address="late@example.org")
        assert rig.call("SELECT abandon_verified_run(%s, 'manager', 'edited')", campaign) == (
            verified,
        )
        await rig.until_true("SELECT count(*) = 6 FROM run WHERE state = 'finished'")


async def test_verify_leaves_a_held_single_mail_alone(dsn: str) -> None:
    async with a_rig(dsn, workers=0) as rig:
        campaign = open_campaign(rig.connection)
        single = run_of(submit(rig.connection, campaign))
        rig.call("SELECT hold_run(%s, 'a restore')", single)
        rig.verify(1, campaign_id=campaign)
        assert rig.state(single) == "held"


def dead(rig: Rig, run: RunId) -> tuple[int, int]:
    """(n, attempt) of the one dead letter of a run."""
    n, attempt = rig.call("SELECT n, attempt FROM delivery_state WHERE run_id = %s", run)
    return int(str(n)), int(str(attempt))


async def test_a_dead_letter_is_requeued_from_outside_once(dsn: str) -> None:
    script = Script(rules=(Rule(Phase.DOT, reply="552 5.3.4 Too big", times=1),))
    async with a_rig(dsn, script) as rig:
        run = run_of(submit(rig.connection, open_campaign(rig.connection)))
        await rig.until(run, "finished")
        assert rig.counts(run) == {"dead": 1}
        n, attempt = dead(rig, run)

        def requeue(run: int, n: int, attempt: int) -> object:
            return rig.call("SELECT requeue_from_outside(%s, %s, %s, 'outside')", run, n, attempt)[
                0
            ]

        assert requeue(run, n, attempt + 1) == "not_dead"
        assert requeue(run + 1, n, attempt) == "stopped"
        assert requeue(run, n, attempt) == "requeued"
        assert requeue(run, n, attempt) in ("already", "not_dead")
        await rig.until_true("SELECT state = 'accepted' FROM delivery_state WHERE run_id = %s", run)
        assert requeue(run, n, attempt) == "not_dead"
        kinds = rig.connection.execute(
            "SELECT kind, count(*) FROM journal WHERE actor = 'outside' AND kind LIKE 'requeue%'"
            " GROUP BY kind"
        )
        assert dict(kinds.fetchall()) == {"requeued": 1, "requeue_ignored": 4}
        assert rig.begun()["Ann@example.org"] == 2
