"""The engine's kept schedules can fail: each finds out a function that was made wrong.

The random schedules miss these three, so they are played step by step: on the
product's own functions, where they pass, and on a database with the wrong one.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files

import psycopg
import pytest

from postroad.core.lifecycle import FactKind

from .driver import Answer, Driver, Person, Stage
from .postgres_driver import PostgresDriver
from .schedules import ONE, OTHER, a_running_run, handed_in, opened, silence, taken

FUNCTIONS = files("postroad").joinpath("engine", "sql", "functions")


def an_older_claim_of_the_same_worker_begins_nothing(driver: Driver) -> None:
    a_running_run(driver, people=2)
    older = taken(driver, ONE)
    silence(driver, frozenset({OTHER}))
    driver.beat(ONE)
    newer = taken(driver, ONE)
    assert newer.batch == older.batch
    assert driver.report(ONE, older.batch, older.claim, [], 2, None).answer is Answer.LOST
    assert len(opened(driver, ONE, newer, hi=2)) == 2


def a_further_try_of_a_mail_that_was_accepted_meanwhile_is_passed_over(driver: Driver) -> None:
    run = a_running_run(driver, people=1)
    claimed = taken(driver, ONE)
    opened(driver, ONE, claimed, hi=1)
    silence(driver, frozenset({OTHER}))
    driver.settle(run, 1, 1, FactKind.SETTLED_RESEND)
    driver.advance(driver.limits.resend_after + 1, frozenset({ONE, OTHER}))
    driver.gather()
    again = taken(driver, OTHER)
    handed_in(driver, ONE, claimed, [FactKind.ACCEPTED])
    report = driver.report(OTHER, again.batch, again.claim, [], 1, None)
    assert report.go == (), "an accepted mail is begun once more"


def a_scheduled_run_is_not_released_before_its_time(driver: Driver) -> None:
    driver.join(ONE)
    run = driver.verify(1, [Person("s@a.example", "a")], urgent=False)
    driver.select(ONE, *_selecting(driver))
    claimed = driver.claim(ONE, Stage.PREPARE, None)
    assert claimed is not None
    driver.prepare(ONE, claimed.batch, claimed.claim, {1: FactKind.PREPARED})
    driver.schedule()
    driver.launch(run, driver.limits.undo)
    driver.advance(driver.limits.undo - 1, frozenset({ONE}))
    driver.schedule()
    assert driver.claim(ONE, Stage.DISPATCH, None) is None, "released too early"
    driver.advance(1, frozenset({ONE}))
    driver.schedule()
    taken(driver, ONE)


def _selecting(driver: Driver) -> tuple[int, int]:
    selecting = driver.claim_run(ONE)
    assert selecting is not None
    return selecting


@dataclass(frozen=True)
class Mutant:
    """`right`, once in the function of that name, becomes `wrong`."""

    function: str
    right: str
    wrong: str
    schedule: Callable[[Driver], None]


MUTANTS = {
    "the number of the claim is no part of the fence": Mutant(
        "report_window",
        "v_batch.owner IS DISTINCT FROM p_worker OR v_batch.claim <> p_claim",
        "v_batch.owner IS DISTINCT FROM p_worker",
        an_older_claim_of_the_same_worker_begins_nothing,
    ),
    "who ended meanwhile is not passed over": Mutant(
        "window_items",
        "over_all > 0 OR kind = 'settled_sent'",
        "kind = 'none'",
        a_further_try_of_a_mail_that_was_accepted_meanwhile_is_passed_over,
    ),
    "a run is released before its time": Mutant(
        "release_run",
        "AND release_at <= now()",
        "",
        a_scheduled_run_is_not_released_before_its_time,
    ),
}


@pytest.mark.parametrize("what", MUTANTS)
def test_the_engine_plays_the_schedule_right(engine: PostgresDriver, what: str) -> None:
    MUTANTS[what].schedule(engine.afresh())


@pytest.mark.parametrize("what", MUTANTS)
def test_the_schedule_finds_a_wrong_function_out(engine: PostgresDriver, what: str) -> None:
    mutant = MUTANTS[what]
    with made_wrong(engine.connections[0], mutant), pytest.raises(AssertionError):
        mutant.schedule(engine.afresh())


@contextmanager
def made_wrong(connection: psycopg.Connection, mutant: Mutant) -> Iterator[None]:
    text = FUNCTIONS.joinpath(f"{mutant.function}.sql").read_text(encoding="utf-8")
    right = text.replace("CREATE FUNCTION ", "CREATE OR REPLACE FUNCTION public.")
    assert right.count(mutant.right) == 1
    connection.execute(right.replace(mutant.right, mutant.wrong).encode())
    try:
        yield
    finally:
        connection.execute(right.encode())
