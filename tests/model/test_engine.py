"""The real engine on PostgreSQL, put through the model's rules and schedules."""

import pytest
from hypothesis.stateful import run_state_machine_as_test

from postroad.core.lifecycle import DeliveryState, FactKind, RunState

from .driver import Answer, Driver, Person
from .machine import EXAMPLES, SendingProtocol, tuned
from .postgres_driver import PostgresDriver
from .schedules import (
    ONE,
    OTHER,
    a_running_run,
    handed_in,
    opened,
    silence,
    taken,
    tries_under_way,
)
from .story import play
from .test_schedules import (
    test_a_claim_whose_answer_was_lost_is_given_up,
    test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded,
    test_a_fact_handed_in_twice_makes_one_further_try,
    test_a_late_deferral_after_the_manager_settled_makes_no_try,
    test_a_late_fact_in_a_stopped_run_ends_purged,
    test_a_late_fact_that_asks_for_a_try_opens_a_finished_run,
    test_a_ledger_frees_what_had_no_dot_and_leaves_the_rest_unknown,
    test_a_ledger_handed_in_after_a_stop_purges_what_had_no_dot,
    test_a_purged_queue_keeps_what_is_begun_and_ends_the_rest,
    test_a_requeue_asked_twice_makes_one_further_try,
    test_a_requeued_dead_letter_is_begun_though_its_state_is_still_dead,
    test_a_window_whose_answer_was_lost_is_handed_back_unbegun,
    test_an_evidence_of_acceptance_takes_a_waiting_try_away,
    test_positions_never_granted_are_not_handed_back,
    test_what_a_lost_worker_held_of_a_purged_queue_is_purged,
    test_what_a_preparing_worker_holds_is_purged_after_a_stop,
    test_what_is_being_prepared_when_its_queue_is_purged_is_purged,
)

__all__ = [
    "test_a_claim_whose_answer_was_lost_is_given_up",
    "test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded",
    "test_a_fact_handed_in_twice_makes_one_further_try",
    "test_a_late_deferral_after_the_manager_settled_makes_no_try",
    "test_a_late_fact_in_a_stopped_run_ends_purged",
    "test_a_late_fact_that_asks_for_a_try_opens_a_finished_run",
    "test_a_ledger_frees_what_had_no_dot_and_leaves_the_rest_unknown",
    "test_a_ledger_handed_in_after_a_stop_purges_what_had_no_dot",
    "test_a_purged_queue_keeps_what_is_begun_and_ends_the_rest",
    "test_a_requeue_asked_twice_makes_one_further_try",
    "test_a_requeued_dead_letter_is_begun_though_its_state_is_still_dead",
    "test_a_window_whose_answer_was_lost_is_handed_back_unbegun",
    "test_an_evidence_of_acceptance_takes_a_waiting_try_away",
    "test_positions_never_granted_are_not_handed_back",
    "test_what_a_lost_worker_held_of_a_purged_queue_is_purged",
    "test_what_a_preparing_worker_holds_is_purged_after_a_stop",
    "test_what_is_being_prepared_when_its_queue_is_purged_is_purged",
]

SEEDS = range(EXAMPLES or 12)


@pytest.fixture
def driver(engine: PostgresDriver) -> Driver:
    return engine.afresh()


def test_the_engine_keeps_every_promise_under_any_rules(engine: PostgresDriver) -> None:
    class EngineProtocol(SendingProtocol):
        make_driver = staticmethod(engine.afresh)

    run_state_machine_as_test(EngineProtocol, settings=tuned(examples=8, steps=40))


def test_random_schedules_keep_every_promise_in_the_engine(engine: PostgresDriver) -> None:
    for seed in SEEDS:
        try:
            play(engine.afresh(), seed, steps=100)
        except AssertionError as broken:
            raise AssertionError(f"schedule {seed}: {broken}") from broken


def test_a_run_held_while_it_is_selected_goes_on_when_it_is_let_go(driver: Driver) -> None:
    driver.join(ONE)
    run = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    selecting = driver.claim_run(ONE)
    assert selecting is not None
    driver.hold(run)
    assert not driver.select(ONE, *selecting)
    driver.let_go(run)
    assert driver.claim_run(ONE) is not None


def test_verifying_again_abandons_a_run_held_before_its_launch(driver: Driver) -> None:
    held = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    driver.hold(held)
    made = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    assert made != held
    assert driver.tables().runs == {held: RunState.STOPPED, made: RunState.SELECTING}
    # It could not go on beside the other: a campaign has one verified run.
    assert not driver.let_go(held)


def test_a_late_refusal_leaves_an_ordered_resend_standing(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    driver.settle(run, 1, 1, FactKind.SETTLED_RESEND)
    handed_in(driver, ONE, claimed, [FactKind.REJECTED])
    assert tries_under_way(driver, run, n=1, attempt=2) == 1


def test_a_window_whose_answer_was_lost_is_known_unbegun_after_the_reaper_too(
    driver: Driver,
) -> None:
    run = a_running_run(driver, people=2)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=2)
    silence(driver, frozenset({OTHER}))
    assert handed_in(driver, ONE, claimed, [], unbegun=[0, 1]) is Answer.LOST
    driver.gather()
    assert [tries_under_way(driver, run, n, attempt=2) for n in (1, 2)] == [1, 1]


def test_what_a_later_claim_of_the_same_worker_began_stays_unknown(driver: Driver) -> None:
    run = a_running_run(driver, people=2)
    first = taken(driver, ONE)
    silence(driver, frozenset({OTHER}))
    driver.beat(ONE)
    opened(driver, ONE, taken(driver, ONE), hi=2)
    silence(driver, frozenset({OTHER}))
    # The first asked for a window that never came to be.
    assert handed_in(driver, ONE, first, [], unbegun=[0, 1]) is Answer.LOST
    states = [driver.tables().states[run, n].state for n in (1, 2)]
    assert states == [DeliveryState.UNKNOWN] * 2


def test_what_a_worker_that_was_cut_off_took_for_unknown_itself_was_not_left_unsent(
    driver: Driver,
) -> None:
    run = a_running_run(driver, people=2)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=2)
    silence(driver, frozenset({OTHER}))
    # It lives, and read of the first mail's dot that the connection broke.
    handed_in(driver, ONE, claimed, [FactKind.UNKNOWN])
    # Its ledger keeps no line of what is recorded.
    driver.hand_in(ONE, frozenset(), [])
    driver.gather()
    assert [tries_under_way(driver, run, n, attempt=2) for n in (1, 2)] == [0, 1]
    assert driver.tables().states[run, 1].state is DeliveryState.UNKNOWN
