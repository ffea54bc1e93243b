"""Purge queue and stop everything: what each comes to, on a real database."""

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.core.queue import EverythingStopped, NothingQueued, NothingRuns, QueuePurged
from postroad.testing.runs import MANAGER, Hand, RunBuilder, deferred


def purged_rows(hand: Hand) -> int:
    """Deliveries with a journal row that says so."""
    rows = hand.ask("SELECT count(DISTINCT (run_id, n)) AS n FROM journal WHERE kind = 'purged'")
    return int(rows[0]["n"])


def purge_all(hand: Hand) -> None:
    """The scheduler's bites, to their end."""
    while hand.ask("SELECT purge_marked() AS n")[0]["n"]:
        pass


def test_a_purged_dispatch_queue_ends_what_waits_and_the_run_goes_on(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 250)
    batch = hand.begin(10)
    assert batch is not None
    held = len(batch["item_n"])
    waits = app.queues.waiting("dispatch")
    assert (waits.mails, waits.held, waits.sending) == (250 - held, held - 10, 10)
    assert app.queues.purge("dispatch", MANAGER) == QueuePurged("dispatch", 1, 3, 240, 10)
    assert app.queues.purge("dispatch", MANAGER) == NothingQueued("dispatch")
    assert hand.begin() is None, "nothing of it can be claimed"
    purge_all(hand)
    hand.answer(batch, mails=10)
    hand.advance()
    assert app.runs.counts(run) == {"accepted": 10, "purged": 240}
    assert purged_rows(hand) == 240


def test_waiting_retries_are_purged_with_the_dispatch_queue(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.RUNNING, 120)
    while (batch := hand.begin()) is not None:
        hand.answer(batch, deferred)
    assert app.queues.waiting("dispatch").retries == 120
    outcome = app.queues.purge("dispatch", MANAGER)
    assert isinstance(outcome, QueuePurged)
    assert outcome.mails == 120
    assert hand.ask("SELECT count(*) AS n FROM retry") == [{"n": 0}]
    purge_all(hand)
    hand.advance()
    assert app.runs.counts(run) == {"purged": 120}
    head = app.runs.head(run)
    assert head is not None
    assert head.state is RunState.FINISHED
    assert purged_rows(hand) == 120


def test_a_purged_prepare_queue_leaves_a_run_ready_with_the_rest(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    run = book.a_run(RunState.PREPARING, 250)
    hand.prepare(1)
    outcome = app.queues.purge("prepare", MANAGER)
    assert isinstance(outcome, QueuePurged)
    assert outcome.mails == 150
    hand.advance()
    head = app.runs.head(run)
    assert head is not None
    assert head.state is RunState.PREPARING, "not ready before all is recorded"
    purge_all(hand)
    hand.advance()
    assert app.runs.counts(run) == {"prepared": 100, "purged": 150}
    head = app.runs.head(run)
    assert head is not None
    assert head.state is RunState.READY


def test_a_purge_is_over_all_live_runs_and_spares_those_that_ended(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    over = book.a_run(RunState.FINISHED, 3, name="over")
    waiting = [
        book.a_run(state, 3, name=state)
        for state in (RunState.READY, RunState.PAUSED, RunState.RUNNING, RunState.SCHEDULED)
    ]
    outcome = app.queues.purge("dispatch", MANAGER)
    assert outcome == QueuePurged("dispatch", 4, 4, 12)
    purge_all(hand)
    assert [app.runs.counts(run) for run in waiting] == [{"purged": 3}] * 4
    assert app.runs.counts(over) == {"accepted": 3}
    rows = hand.ask("SELECT run_id, actor, detail FROM journal WHERE kind = 'queue_purged'")
    assert {row["run_id"] for row in rows} == set(waiting)
    assert {row["actor"] for row in rows} == {MANAGER}
    assert sum(row["detail"]["mails"] for row in rows) == 12


def test_purging_twice_is_done_once(app: App, book: RunBuilder, hand: Hand) -> None:
    book.a_run(RunState.RUNNING, 3)
    assert isinstance(app.queues.purge("dispatch", MANAGER), QueuePurged)
    assert app.queues.purge("dispatch", MANAGER) == NothingQueued("dispatch")
    purge_all(hand)
    assert purged_rows(hand) == 3


def test_stop_everything_stops_every_live_run_and_only_those(
    app: App, book: RunBuilder, hand: Hand
) -> None:
    over = book.a_run(RunState.FINISHED, 3, name="over")
    states = (RunState.SELECTING, RunState.PREPARING, RunState.READY, RunState.PAUSED)
    live = [book.a_run(state, 3, name=state) for state in states]
    live.append(book.a_run(RunState.RUNNING, 10, name="running"))
    hand.begin(4)
    outcome = app.queues.stop_everything(MANAGER)
    assert isinstance(outcome, EverythingStopped)
    assert (outcome.runs, outcome.in_flight) == (5, 4)
    heads = [app.runs.head(run) for run in live]
    assert {head.state for head in heads if head} == {RunState.STOPPED}
    finished = app.runs.head(over)
    assert finished is not None
    assert finished.state is RunState.FINISHED
    assert app.queues.stop_everything(MANAGER) == NothingRuns()


def test_a_run_that_is_slow_to_lock_is_stopped_last(app: App, book: RunBuilder, hand: Hand) -> None:
    selecting = book.a_run(RunState.SELECTING, 3, name="selecting")
    running = book.a_run(RunState.RUNNING, 3, name="running")
    from postroad.store.writes import queue as queue_writes

    assert list(queue_writes.live_runs()) == [running, selecting]


def test_the_queues_are_counted_by_stage_and_lane(app: App, book: RunBuilder, hand: Hand) -> None:
    book.a_run(RunState.RUNNING, 250, name="second")
    book.a_run(RunState.PREPARING, 250, name="first")
    batch = hand.begin(10)
    assert batch is not None
    assert app.queues.figures().age_seconds is None
    assert hand.ask("SELECT count_queues() AS did") == [{"did": True}]
    assert hand.ask("SELECT count_queues() AS did") == [{"did": False}], "once a second"
    shown = app.queues.figures()
    assert shown.age_seconds is not None
    (prepare,) = shown.of("prepare")
    assert (prepare.waiting_batches, prepare.waiting_mails, prepare.due_mails) == (3, 250, 250)
    (dispatch,) = shown.of("dispatch")
    held = len(batch["item_n"])
    assert (dispatch.owned_batches, dispatch.owned_mails, dispatch.sending) == (1, held, 10)
    assert dispatch.waiting_mails == 250 - held


def test_figures_of_a_queue_that_emptied_are_gone(app: App, book: RunBuilder, hand: Hand) -> None:
    book.a_run(RunState.RUNNING, 3)
    hand.ask("SELECT count_queues()")
    assert app.queues.figures().of("dispatch")
    hand.dispatch()
    hand.ask("UPDATE queue_count SET at = at - interval '1 minute' RETURNING at")
    hand.ask("SELECT count_queues()")
    assert app.queues.figures().figures == ()
