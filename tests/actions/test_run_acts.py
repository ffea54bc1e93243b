"""Verify, launch, undo, pause, resume, stop: what each comes to, on a real database."""

import threading
from datetime import UTC, date, datetime, time, timedelta

import pytest

from postroad.app import App
from postroad.core.campaign import Severity
from postroad.core.ids import CampaignId, RunId
from postroad.core.launching import At, Now
from postroad.core.lifecycle import RunState
from postroad.core.running import (
    AlreadyLaunched,
    AlreadySo,
    BadTime,
    Blocked,
    CountDiffers,
    Done,
    Launched,
    NotPossible,
    NotReady,
    Stopped,
    VerifyStarted,
)
from postroad.core.saved import Gone
from postroad.testing.runs import MANAGER, Hand, RunBuilder, deferred, some_people

HELD = "Too many failures."


def state_of(app: App, run: RunId) -> RunState:
    head = app.runs.head(run)
    assert head is not None
    return head.state


def test_verify_pins_what_is_there_now(app: App, book: RunBuilder, hand: Hand) -> None:
    campaign = book.a_campaign(some_people(3))
    started = app.runs.verify(campaign, MANAGER)
    assert isinstance(started, VerifyStarted)
    assert started.is_new
    row = hand.ask("SELECT * FROM run WHERE id = %s", started.run_id)[0]
    assert row["routine"].startswith("postroad.")
    assert (row["sender_name"], row["sender_address"]) == ("Clara Voss", "clara@example.org")
    assert (row["is_personal"], row["max_recipients"], row["priority"]) == (True, 500, 1)
    assert (row["backoff_seconds"], row["give_up_seconds"]) == ([2, 4, 8], 600)


@pytest.mark.fault(18)
def test_verify_pressed_twice_is_one_run(app: App, book: RunBuilder) -> None:
    campaign = book.a_campaign(some_people(3))
    first = app.runs.verify(campaign, MANAGER)
    second = app.runs.verify(campaign, MANAGER)
    assert isinstance(first, VerifyStarted)
    assert second == VerifyStarted(first.run_id, is_new=False)


def test_verify_of_an_empty_audience_is_blocked_with_what_to_do(app: App, book: RunBuilder) -> None:
    blocked = app.runs.verify(book.a_campaign([]), MANAGER)
    assert isinstance(blocked, Blocked)
    assert any("add people" in check.text for check in blocked.red)


def test_verify_of_a_broken_template_names_line_and_column(app: App, book: RunBuilder) -> None:
    campaign = book.a_campaign(some_people(1), source="Dear all,\n\n{{ name")
    blocked = app.runs.verify(campaign, MANAGER)
    assert isinstance(blocked, Blocked)
    assert any("line 3, column" in check.text for check in blocked.red)


def test_verify_of_a_bulk_campaign_without_a_public_address_is_blocked(
    app: App, book: RunBuilder
) -> None:
    blocked = app.runs.verify(book.a_campaign(some_people(1), is_personal=False), MANAGER)
    assert isinstance(blocked, Blocked)
    keys = {check.key for check in blocked.checks if check.severity is Severity.RED}
    assert {"public_url", "postal_address"} <= keys


def test_a_campaign_without_a_relay_goes_through_the_default_one(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    started = app.runs.verify(book.a_campaign(some_people(1), relay_id=None), MANAGER)
    assert isinstance(started, VerifyStarted)
    row = hand.ask(
        "SELECT y.is_sandbox FROM run r JOIN relay y ON y.id = r.relay_id WHERE r.id = %s",
        started.run_id,
    )
    assert row == [{"is_sandbox": True}]


def test_a_campaign_or_run_that_is_gone_says_so(app: App) -> None:
    assert isinstance(app.runs.verify(CampaignId(99), MANAGER), Gone)
    nobody = RunId(99)
    assert isinstance(app.runs.launch(nobody, Now(), None, MANAGER), Gone)
    assert isinstance(app.runs.pause(nobody, MANAGER), Gone)
    assert isinstance(app.runs.resume(nobody, MANAGER), Gone)
    assert isinstance(app.runs.undo_launch(nobody, MANAGER), Gone)
    assert isinstance(app.runs.stop(nobody, MANAGER), Gone)


def test_an_edit_while_verify_checks_is_seen(app: App, book: RunBuilder, hand: Hand) -> None:
    from postroad.core.launching import SANDBOX_TIMING
    from postroad.core.running import Changed
    from postroad.store.writes import run as run_writes

    campaign = book.a_campaign(some_people(1))
    pins = run_writes.read_pins(campaign)
    assert pins is not None
    hand.connection.execute("UPDATE campaign SET sender_name = 'Another' WHERE id = %s", [campaign])
    assert isinstance(run_writes.make_run(pins, SANDBOX_TIMING, "", MANAGER), Changed)
    assert hand.ask("SELECT count(*) AS runs FROM run") == [{"runs": 0}]


def test_a_launch_waits_as_long_as_it_can_be_undone(app: App, book: RunBuilder, hand: Hand) -> None:
    run = book.a_run(RunState.READY, 3)
    launched = app.runs.launch(run, Now(), None, MANAGER, undo_seconds=60)
    assert isinstance(launched, Launched)
    assert (launched.mails, launched.is_released) == (3, False)
    assert timedelta(seconds=50) < launched.release_at - datetime.now(UTC) <= timedelta(seconds=60)
    assert state_of(app, run) is RunState.SCHEDULED
    assert hand.begin() is None
    assert hand.ask("SELECT state FROM campaign") == [{"state": "active"}]


def test_a_launch_without_undo_is_released_at_once(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    launched = app.runs.launch(run, Now(), None, MANAGER, undo_seconds=0)
    assert isinstance(launched, Launched)
    assert launched.is_released
    assert state_of(app, run) is RunState.RUNNING


def test_an_undone_launch_has_sent_nothing(app: App, book: RunBuilder, hand: Hand) -> None:
    run = book.a_run(RunState.SCHEDULED, 3)
    assert app.runs.undo_launch(run, MANAGER) == Done(RunState.READY)
    assert app.runs.undo_launch(run, MANAGER) == AlreadySo(RunState.READY)
    hand.advance()
    assert hand.begin() is None


def test_a_released_launch_cannot_be_undone(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    assert isinstance(app.runs.undo_launch(run, MANAGER), NotPossible)
    assert state_of(app, run) is RunState.RUNNING


def test_a_launch_at_a_time_in_a_zone_waits_for_it(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    day = datetime.now(UTC).date() + timedelta(days=3)
    local = datetime.combine(day, time(9))
    launched = app.runs.launch(run, At(local, "Asia/Tokyo"), None, MANAGER)
    assert isinstance(launched, Launched)
    assert launched.release_at == datetime(day.year, day.month, day.day, 0, tzinfo=UTC)
    head = app.runs.head(run)
    assert head is not None
    assert (head.state, head.launch_zone) == (RunState.SCHEDULED, "Asia/Tokyo")
    assert head.release_at == launched.release_at


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "\0"])
def test_an_unknown_zone_is_refused(app: App, book: RunBuilder, zone: str) -> None:
    refused = app.runs.launch(
        RunId(1), At(datetime.combine(date(2030, 1, 1), time()), zone), None, MANAGER
    )
    assert isinstance(refused, BadTime)
    assert "zone" in refused.faults


def test_a_launch_in_the_past_changes_nothing(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    refused = app.runs.launch(
        run, At(datetime.combine(date(2020, 1, 1), time()), "UTC"), None, MANAGER
    )
    assert isinstance(refused, BadTime)
    assert state_of(app, run) is RunState.READY


def test_a_launch_of_a_thousand_needs_the_number_of_now(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.READY, 3)
    # As many as it needs, without preparing a thousand mails.
    hand.connection.execute("INSERT INTO count_delta VALUES (%s, 'prepared', 997)", [run])
    assert app.runs.launch(run, Now(), 3, MANAGER) == CountDiffers(1000, 3)
    assert state_of(app, run) is RunState.READY
    assert isinstance(app.runs.launch(run, Now(), 1000, MANAGER), Launched)


@pytest.mark.fault(18)
def test_two_launches_pressed_at_once_are_one(app: App, book: RunBuilder, hand: Hand) -> None:
    run = book.a_run(RunState.READY, 3)
    outcomes: list[object] = []

    def press() -> None:
        outcomes.append(app.runs.launch(run, Now(), None, MANAGER, undo_seconds=60))
        app.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(each).__name__ for each in outcomes) == ["AlreadyLaunched"] * 3 + [
        "Launched"
    ]
    acts = hand.ask("SELECT count(*) AS n FROM journal WHERE kind = 'launched'")
    assert acts == [{"n": 1}]


def test_a_run_that_is_not_prepared_is_not_launched(app: App, book: RunBuilder) -> None:
    preparing = book.a_run(RunState.PREPARING, 3)
    assert isinstance(app.runs.launch(preparing, Now(), None, MANAGER), NotReady)
    finished = book.a_run(RunState.FINISHED, [], name="Second")
    outcome = app.runs.launch(finished, Now(), None, MANAGER)
    assert outcome == AlreadyLaunched(RunState.FINISHED)


def test_pause_and_resume_are_safe_to_press_twice(app: App, book: RunBuilder, hand: Hand) -> None:
    run = book.a_run(RunState.RUNNING, 3)
    assert app.runs.pause(run, MANAGER) == Done(RunState.PAUSED)
    assert app.runs.pause(run, MANAGER) == AlreadySo(RunState.PAUSED)
    assert hand.begin() is None
    assert app.runs.resume(run, MANAGER) == Done(RunState.RUNNING)
    assert app.runs.resume(run, MANAGER) == AlreadySo(RunState.RUNNING)
    assert hand.begin() is not None


def test_a_held_run_goes_on_where_it_was(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.HELD, 3)
    assert app.runs.resume(run, MANAGER) == Done(RunState.READY)


def test_a_ready_run_can_be_neither_paused_nor_resumed(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.READY, 3)
    assert isinstance(app.runs.pause(run, MANAGER), NotPossible)
    assert isinstance(app.runs.resume(run, MANAGER), NotPossible)


def test_stop_says_what_is_purged_and_what_still_goes_out(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 10)
    batch = hand.begin(4)
    assert batch is not None
    stopped = app.runs.stop(run, MANAGER)
    assert stopped == Stopped(in_flight=4, purged=6)
    assert app.runs.stop(run, MANAGER) == AlreadySo(RunState.STOPPED)
    hand.answer(batch, mails=4)
    hand.purge()
    assert app.runs.counts(run) == {"accepted": 4, "purged": 6}


def test_a_finished_run_cannot_be_stopped(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.FINISHED, 3)
    assert isinstance(app.runs.stop(run, MANAGER), NotPossible)


def test_a_launched_run_is_not_abandoned_by_preparing_again(app: App, book: RunBuilder) -> None:
    run = book.a_run(RunState.SCHEDULED, 3)
    assert isinstance(app.runs.abandon(run, MANAGER), NotPossible)
    assert state_of(app, run) is RunState.SCHEDULED


@pytest.mark.fault(22)
def test_progress_adds_up_while_mails_are_deferred_and_in_flight(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 300)
    first = hand.begin()
    assert first is not None
    hand.answer(first, deferred)
    assert hand.begin(20) is not None
    head = app.runs.head(run)
    assert head is not None
    moving = app.runs.progress(head)
    assert (moving.difference, moving.total, moving.sending) == (0, 300, 20)
    assert (moving.dispatch_ready, moving.leased, moving.retries) == (100, 100, 100)
    assert sum(moving.bar.values()) == 300
    assert moving.bar["sending"] == 20
    assert moving.next_retry_at is not None
    assert [(reply.code, reply.count) for reply in moving.replies] == [(451, 100)]


def test_progress_tells_of_recipients_that_no_counter_knows(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.READY, 5)
    hand.connection.execute("INSERT INTO count_delta VALUES (%s, 'prepared', -2)", [run])
    head = app.runs.head(run)
    assert head is not None
    assert app.runs.progress(head).difference == 2


def test_the_rate_is_what_the_relay_took_in_the_last_seconds(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 20)
    hand.dispatch()
    hand.ask("SELECT 1")
    hand.connection.execute(
        "INSERT INTO journal (at, run_id, n, kind, actor) SELECT now() - interval '1 hour', %s, 1,"
        " 'accepted', 'worker x' FROM generate_series(1, 50)",
        [run],
    )
    head = app.runs.head(run)
    assert head is not None
    moving = app.runs.progress(head)
    assert moving.accepted_lately == 20
    assert moving.per_second == 4.0
