"""What the model found, one schedule a test.

The engine's tests import these and hand in a `driver` of their own.
"""

import pytest

from postroad.core.lifecycle import DeliveryState, FactKind, RunState

from .driver import Answer, Driver, Outcome, Person, Stage
from .protocol import Model
from .schedules import (
    NOTHING,
    ONE,
    OTHER,
    a_running_run,
    at_rest,
    everyone_beats,
    handed_in,
    opened,
    silence,
    taken,
    tries_under_way,
)


@pytest.fixture
def driver() -> Driver:
    return Model()


def test_a_fact_handed_in_twice_makes_one_further_try(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    handed_in(driver, ONE, claimed, [], unbegun=[0])
    driver.gather()
    # The answer to the hand-back was lost, so the worker says it once more.
    assert handed_in(driver, ONE, claimed, [FactKind.NOT_BEGUN]) is Answer.LOST
    assert tries_under_way(driver, run, n=1, attempt=2) == 1


def test_a_requeue_asked_twice_makes_one_further_try(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    handed_in(driver, ONE, claimed, [FactKind.DEAD])
    assert driver.requeue(run, 1, 1)
    driver.gather()
    assert not driver.requeue(run, 1, 1)
    driver.gather()
    assert tries_under_way(driver, run, n=1, attempt=2) == 1


def test_a_requeued_dead_letter_is_begun_though_its_state_is_still_dead(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    handed_in(driver, ONE, claimed, [FactKind.DEAD])
    driver.schedule()
    assert driver.tables().runs[run] is RunState.FINISHED
    assert driver.requeue(run, 1, 1)
    assert driver.tables().runs[run] is RunState.RUNNING
    driver.gather()
    again = taken(driver, OTHER)
    assert driver.tables().states[run, 1].state is DeliveryState.DEAD
    assert len(opened(driver, OTHER, again, hi=1)) == 1


def test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    assert driver.settle(run, 1, 1, FactKind.SETTLED_RESEND)
    assert handed_in(driver, ONE, claimed, [FactKind.DEAD]) is Answer.LOST
    # The resend still waits: discarding now would be followed by a mail.
    assert not driver.discard(run, 1, 1)
    assert not driver.requeue(run, 1, 1)
    assert tries_under_way(driver, run, n=1, attempt=2) == 1


@pytest.mark.parametrize("late", [FactKind.NOT_BEGUN, FactKind.DEFERRED])
def test_a_late_fact_that_asks_for_a_try_opens_a_finished_run(
    driver: Driver, late: FactKind
) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    driver.schedule()
    assert driver.tables().runs[run] is RunState.FINISHED
    handed_in(driver, ONE, claimed, [late])
    assert driver.tables().runs[run] is RunState.RUNNING
    assert tries_under_way(driver, run, n=1, attempt=2) == 1


def test_a_late_fact_in_a_stopped_run_ends_purged(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    driver.stop(run)
    silence(driver, frozenset({OTHER}))
    handed_in(driver, ONE, claimed, [FactKind.DEFERRED])
    assert driver.tables().states[run, 1].state is DeliveryState.PURGED
    assert tries_under_way(driver, run, n=1, attempt=2) == 0


@pytest.mark.parametrize("settled", [FactKind.SETTLED_SENT, FactKind.SETTLED_DROP])
def test_a_late_deferral_after_the_manager_settled_makes_no_try(
    driver: Driver, settled: FactKind
) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    driver.settle(run, 1, 1, settled)
    handed_in(driver, ONE, claimed, [FactKind.DEFERRED])
    assert tries_under_way(driver, run, n=1, attempt=2) == 0


def test_a_window_whose_answer_was_lost_is_handed_back_unbegun(driver: Driver) -> None:
    run = a_running_run(driver, people=2)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=2)
    # Committed, but the worker never heard: it asks for nothing and hands back what it asked for.
    assert handed_in(driver, ONE, claimed, [], unbegun=[0, 1]) is not Answer.LOST
    driver.gather()
    assert [tries_under_way(driver, run, n, attempt=2) for n in (1, 2)] == [1, 1]


def test_positions_never_granted_are_not_handed_back(driver: Driver) -> None:
    run = a_running_run(driver, people=2)
    claimed = taken(driver, ONE)
    # The window was asked for and never arrived: the mails are still this batch's.
    handed_in(driver, ONE, claimed, [], unbegun=[0, 1])
    again = taken(driver, OTHER)
    assert len(opened(driver, OTHER, again, hi=2)) == 2
    assert [tries_under_way(driver, run, n, attempt=2) for n in (1, 2)] == [0, 0]


def test_a_claim_whose_answer_was_lost_is_given_up(driver: Driver) -> None:
    a_running_run(driver, people=1)
    taken(driver, ONE)
    driver.disown(ONE, NOTHING, NOTHING)
    everyone_beats(driver)
    assert len(opened(driver, OTHER, taken(driver, OTHER), hi=1)) == 1


def test_what_a_preparing_worker_holds_is_purged_after_a_stop(driver: Driver) -> None:
    driver.join(ONE)
    run = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    selecting = driver.claim_run(ONE)
    assert selecting is not None
    driver.select(ONE, *selecting)
    claimed = driver.claim(ONE, Stage.PREPARE, None)
    assert claimed is not None
    driver.stop(run)
    assert not driver.prepare(ONE, claimed.batch, claimed.claim, {1: FactKind.PREPARED})
    driver.schedule()
    assert driver.tables().states[run, 1].state is DeliveryState.PURGED


def test_an_evidence_of_acceptance_takes_a_waiting_try_away(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    driver.settle(run, 1, 1, FactKind.SETTLED_RESEND)
    handed_in(driver, ONE, claimed, [FactKind.ACCEPTED])
    assert tries_under_way(driver, run, n=1, attempt=2) == 0


@pytest.mark.parametrize("is_reaped", [False, True], ids=["before the reaper", "after it"])
def test_a_ledger_frees_what_had_no_dot_and_leaves_the_rest_unknown(
    driver: Driver, *, is_reaped: bool
) -> None:
    run = a_running_run(driver, people=3)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=3)
    if is_reaped:
        silence(driver, frozenset({OTHER}))
    read = Outcome(2, 1, FactKind.ACCEPTED)
    for _ in range(2):  # Handed in by half, and once more.
        driver.hand_in(ONE, frozenset({(run, 1, 1)}), [(run, read)])
    silence(driver, frozenset({OTHER}))
    states = {n: row.state for (_run, n), row in driver.tables().states.items()}
    assert states == {
        1: DeliveryState.UNKNOWN,
        2: DeliveryState.ACCEPTED,
        3: DeliveryState.PREPARED,
    }
    driver.gather()
    assert [tries_under_way(driver, run, n, 2) for n in (1, 2, 3)] == [0, 0, 1]


def test_a_ledger_handed_in_after_a_stop_purges_what_had_no_dot(driver: Driver) -> None:
    run = a_running_run(driver, people=2)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=2)
    driver.stop(run)
    driver.hand_in(ONE, frozenset({(run, 1, 1)}), [])
    silence(driver, frozenset({OTHER}))
    states = {n: row.state for (_run, n), row in driver.tables().states.items()}
    assert states == {1: DeliveryState.UNKNOWN, 2: DeliveryState.PURGED}
    assert tries_under_way(driver, run, n=2, attempt=2) == 0


def test_a_purged_queue_keeps_what_is_begun_and_ends_the_rest(driver: Driver) -> None:
    run = a_running_run(driver, people=6)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    handed_in(driver, ONE, claimed, [FactKind.DEFERRED])
    opened(driver, ONE, claimed, hi=3)
    driver.purge_queue(Stage.DISPATCH)
    # Neither what waited nor the deferred one can be taken any more.
    driver.advance(driver.limits.backoff, frozenset({ONE, OTHER}))
    driver.gather()
    assert driver.claim(OTHER, Stage.DISPATCH, None) is None
    # Nor may its owner begin more; of the two that it might have begun, it had begun one.
    report = driver.report(ONE, claimed.batch, claimed.claim, [], len(claimed.items), None)
    assert report.answer is Answer.BACK
    driver.report(ONE, claimed.batch, claimed.claim, [], None, [2])
    handed_in(driver, ONE, claimed, [FactKind.DEFERRED, FactKind.ACCEPTED])
    tables = at_rest(driver)
    assert tables.runs[run] is RunState.FINISHED
    assert tables.counts[run, DeliveryState.ACCEPTED] == 1
    assert tables.counts[run, DeliveryState.PURGED] == 5


def test_what_a_lost_worker_held_of_a_purged_queue_is_purged(driver: Driver) -> None:
    run = a_running_run(driver, people=6)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    driver.purge_queue(Stage.DISPATCH)
    silence(driver, frozenset({OTHER}))
    tables = at_rest(driver)
    assert tables.runs[run] is RunState.FINISHED
    assert tables.counts[run, DeliveryState.UNKNOWN] == 1
    assert tables.counts[run, DeliveryState.PURGED] == 5


def test_what_is_being_prepared_when_its_queue_is_purged_is_purged(driver: Driver) -> None:
    driver.join(ONE)
    run = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    selecting = driver.claim_run(ONE)
    assert selecting is not None
    driver.select(ONE, *selecting)
    claimed = driver.claim(ONE, Stage.PREPARE, None)
    assert claimed is not None
    driver.purge_queue(Stage.PREPARE)
    assert not driver.prepare(ONE, claimed.batch, claimed.claim, {1: FactKind.PREPARED})
    tables = at_rest(driver)
    assert tables.runs[run] is RunState.READY
    assert tables.states[run, 1].state is DeliveryState.PURGED
