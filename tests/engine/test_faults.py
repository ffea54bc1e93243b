"""A relay that refuses for a while at every step, and letters that cannot be made."""

import asyncio
from collections.abc import Sequence

import pytest

from postroad.core.mail import Failed, Preparation, Recipient, Sender
from postroad.core.outcome import Phase
from postroad.testing.relay import Rule, Script

from .rig import PlainPreparer, Rig, a_rig

pytestmark = pytest.mark.asyncio
PEOPLE = 20
MANY = 900
"""More than the batches that a worker has in hand at once."""
REFUSALS = {
    Phase.BANNER: "421 4.3.2 not now",
    Phase.EHLO: "451 4.3.0 later",
    Phase.MAIL: "451 4.3.0 later",
    Phase.RCPT: "450 4.2.0 later",
    Phase.DATA: "451 4.3.0 later",
    Phase.DOT: "451 4.3.0 later",
}
BEFORE_ANY_MAIL = (Phase.BANNER, Phase.EHLO)


@pytest.mark.fault(11)
@pytest.mark.parametrize("phase", REFUSALS)
async def test_a_temporary_refusal_at_any_step_ends_accepted_once(
    database: str, phase: Phase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postroad.engine.dispatch.RELAY_PAUSE_SECONDS", 0.5)
    rule = Rule(phase, reply=REFUSALS[phase], nth=(1, 2))
    async with a_rig(database, Script(rules=(rule,)), connections=2) as rig:
        run = await rig.finish(PEOPLE)
        assert rig.counts(run) == {"accepted": PEOPLE}
        assert rig.relay.tally.twice == []
        # A refused greeting is nobody's deferral; a refused mail backs off by itself.
        assert deferrals(rig) == (0 if phase in BEFORE_ANY_MAIL else 2)
        rig.adds_up(run)


@pytest.mark.fault(11)
async def test_who_is_deferred_too_long_is_a_dead_letter_and_the_others_are_not_held_up(
    database: str,
) -> None:
    rule = Rule(Phase.RCPT, reply="450 4.2.0 later", recipient="person5@*")
    async with a_rig(database, Script(rules=(rule,))) as rig:
        run = await rig.finish(PEOPLE, give_up_seconds=2)
        assert rig.counts(run) == {"accepted": PEOPLE - 1, "dead": 1}
        assert rig.begun()["person5@example.org"] >= 2
        text = str(rig.call("SELECT text FROM attention WHERE state = 'dead'")[0])
        assert text.startswith("Gave up after 2 s. Last reply: 450 4.2.0"), text


def deferrals(rig: Rig) -> int:
    return int(str(rig.call("SELECT count(*) FROM journal WHERE kind = 'deferred'")[0]))


@pytest.mark.fault(16)
@pytest.mark.parametrize(("failing", "state"), [(10, "ready"), (11, "held")])
async def test_letters_that_cannot_be_made_hold_the_run_from_the_eleventh_on(
    database: str, failing: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_for(monkeypatch, failing)
    async with a_rig(database) as rig:
        run = rig.verify(150)
        assert await rig.until(run, "ready", "held") == state
        assert rig.counts(run) == {"prepared": 150 - failing, "failed": failing}
        assert not rig.begun()


@pytest.mark.fault(16)
async def test_a_held_run_let_go_sends_the_letters_that_could_be_made(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_for(monkeypatch, 11)
    async with a_rig(database) as rig:
        run = rig.verify(150)
        await rig.until(run, "held")
        reason = str(rig.call("SELECT reason FROM run WHERE id = %s", run)[0])
        assert reason.startswith("11 mails could not be prepared; more than 10 hold the run."), (
            reason
        )
        rig.call("SELECT resume_run(%s, 'manager')", run)
        await rig.until(run, "ready")
        rig.launch(run)
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": 139, "failed": 11}


def fail_for(monkeypatch: pytest.MonkeyPatch, first: int) -> None:
    """Nothing can be made for the first so many."""
    whole = PlainPreparer.prepare

    def prepare(
        self: PlainPreparer, sender: Sender, recipients: Sequence[Recipient]
    ) -> list[Preparation]:
        return [
            Failed(made.n, "No such variable.", "variable company") if made.n <= first else made
            for made in whole(self, sender, recipients)
        ]

    monkeypatch.setattr(PlainPreparer, "prepare", prepare)


@pytest.mark.fault(5, 10)
@pytest.mark.parametrize("told", ["NOT NULL", "NULL"], ids=["stopped", "in use again"])
async def test_what_a_relay_did_is_told_once_the_database_can_take_it(
    database: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("postroad.engine.dispatch.RELAY_PAUSE_SECONDS", 0.5)
    monkeypatch.setattr("postroad.engine.dispatch._AWAY_SECONDS", 0.1)
    rule = Rule(Phase.BANNER, reply="421 4.3.2 not now", times=4)
    async with a_rig(database, Script(rules=(rule,))) as rig:
        full = f"""CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN IF NEW.stopped_at IS {told} THEN
                RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full';
            END IF; RETURN NEW; END $$;
            CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON relay_health
                FOR EACH ROW EXECUTE FUNCTION full_disk()"""
        rig.connection.execute(full.encode())
        run = await rig.ready(MANY)
        rig.launch(run)
        await rig.relay.until("closed", 1)
        await asyncio.sleep(1)  # The fault itself.
        rig.connection.execute("DROP TRIGGER full_disk ON relay_health")
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": MANY}


BLOCKED = "550 5.7.1 blocked"


@pytest.mark.fault(12)
async def test_a_refusal_that_might_be_the_accounts_is_this_mails_once_another_passes(
    database: str,
) -> None:
    rule = Rule(Phase.RCPT, reply=BLOCKED, recipient="person5@*")
    async with a_rig(database, Script(rules=(rule,)), connections=1) as rig:
        run = await rig.finish(PEOPLE, backoff_seconds=[60])
        assert rig.counts(run) == {"accepted": PEOPLE - 1, "rejected": 1}
        # The database may hear of them in either order.
        assert sorted(kinds(rig)) == ["deferred", "rejected"]
        assert rig.begun()["person5@example.org"] == 1
        # It is about the mail: the address stays one to write to.
        assert rig.call("SELECT count(*) FROM suppression") == (0,)
        assert rig.call("SELECT cause FROM attention") == ("550 5.7.1",)
        rig.adds_up(run)


@pytest.mark.fault(12)
async def test_a_relay_that_refuses_all_alike_is_stopped_and_burns_nobody(database: str) -> None:
    # One mail at a time: no fourth is on its way when the third is refused.
    script = Script(rules=(Rule(Phase.RCPT, reply=BLOCKED, nth=(1, 2, 3)),), announce=())
    async with a_rig(database, script, connections=1) as rig:
        run = await rig.ready(PEOPLE)
        rig.launch(run)
        await rig.until_true(
            "SELECT EXISTS (SELECT FROM relay_health WHERE stopped_at IS NOT NULL)"
        )
        await rig.until_true("SELECT count(*) = 0 FROM batch WHERE owner IS NOT NULL")
        assert kinds(rig) == ["deferred"] * 3
        rig.call("SELECT start_relay(1, 'manager')")
        await rig.until(run, "finished")
        assert rig.counts(run) == {"accepted": PEOPLE}


@pytest.mark.fault(12)
async def test_the_only_mail_of_a_run_waits_for_another_run_to_pass(database: str) -> None:
    rule = Rule(Phase.RCPT, reply=BLOCKED, nth=(1,))
    async with a_rig(database, Script(rules=(rule,)), connections=1) as rig:
        alone = await rig.ready(1, backoff_seconds=[60])
        rig.launch(alone)
        await rig.until_true("SELECT EXISTS (SELECT FROM delivery_state WHERE state = 'deferred')")
        await rig.finish(PEOPLE)
        await rig.until(alone, "finished")
        assert rig.counts(alone) == {"rejected": 1}


def kinds(rig: Rig) -> list[str]:
    rows = rig.connection.execute(
        "SELECT kind FROM journal WHERE kind IN ('deferred', 'rejected', 'dead') ORDER BY id"
    )
    return [kind for (kind,) in rows.fetchall()]
