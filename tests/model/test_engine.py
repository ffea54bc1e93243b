"""The real engine on PostgreSQL, put through the model's rules and schedules."""

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis.stateful import run_state_machine_as_test

from postroad.testing.database import TestServer

from . import postgres_stage as stage
from .driver import Driver
from .machine import EXAMPLES, SendingProtocol, tuned
from .postgres_driver import CONNECTIONS, PostgresDriver
from .story import play
from .test_schedules import (
    test_a_claim_whose_answer_was_lost_is_given_up,
    test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded,
    test_a_fact_handed_in_twice_makes_one_further_try,
    test_a_late_deferral_after_the_manager_settled_makes_no_try,
    test_a_late_fact_in_a_stopped_run_ends_purged,
    test_a_late_fact_that_asks_for_a_try_opens_a_finished_run,
    test_a_requeue_asked_twice_makes_one_further_try,
    test_a_requeued_dead_letter_is_begun_though_its_state_is_still_dead,
    test_a_window_whose_answer_was_lost_is_handed_back_unbegun,
    test_an_evidence_of_acceptance_takes_a_waiting_try_away,
    test_positions_never_granted_are_not_handed_back,
    test_what_a_preparing_worker_holds_is_purged_after_a_stop,
)

__all__ = [
    "test_a_claim_whose_answer_was_lost_is_given_up",
    "test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded",
    "test_a_fact_handed_in_twice_makes_one_further_try",
    "test_a_late_deferral_after_the_manager_settled_makes_no_try",
    "test_a_late_fact_in_a_stopped_run_ends_purged",
    "test_a_late_fact_that_asks_for_a_try_opens_a_finished_run",
    "test_a_requeue_asked_twice_makes_one_further_try",
    "test_a_requeued_dead_letter_is_begun_though_its_state_is_still_dead",
    "test_a_window_whose_answer_was_lost_is_handed_back_unbegun",
    "test_an_evidence_of_acceptance_takes_a_waiting_try_away",
    "test_positions_never_granted_are_not_handed_back",
    "test_what_a_preparing_worker_holds_is_purged_after_a_stop",
]

SEEDS = range(EXAMPLES or 8)


@pytest.fixture(scope="module")
def engine(postgres_server: TestServer, template_database: str) -> Iterator[PostgresDriver]:
    """One database for all schedules here, emptied between two."""
    with postgres_server.clone(template_database) as dsn, ExitStack() as stack:
        stage.set_stage(dsn, has_own_clock=True)
        enter = partial(stage.enter, dsn, has_own_clock=True)
        yield PostgresDriver([stack.enter_context(enter()) for _ in range(1 + CONNECTIONS)])


@pytest.fixture
def driver(engine: PostgresDriver) -> Driver:
    return engine.afresh()


def test_the_engine_keeps_every_promise_under_any_rules(engine: PostgresDriver) -> None:
    class EngineProtocol(SendingProtocol):
        make_driver = staticmethod(engine.afresh)

    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        EngineProtocol, settings=tuned(examples=8, steps=40)
    )


def test_random_schedules_keep_every_promise_in_the_engine(engine: PostgresDriver) -> None:
    for seed in SEEDS:
        try:
            play(engine.afresh(), seed, steps=100)
        except AssertionError as broken:
            raise AssertionError(f"schedule {seed}: {broken}") from broken
