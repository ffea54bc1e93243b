"""The worker pool: it grows while batches wait, shrinks when it is quiet, and loses nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.cli.pool import Grow, Look, PoolRule, Shrink, WorkerLook
from postroad.core.outcome import Phase
from postroad.testing.database import private_home
from postroad.testing.product import Product, furnish
from postroad.testing.relay import RelayProcess, Script, relay_process

from .conftest import CLOCKS

MAILS = 3000
QUICK = CLOCKS | {"POSTROAD_SWEEP_SECONDS": "0.2", "POSTROAD_QUIET_SECONDS": "1"}
WORKERS = [WorkerLook(1, 2, 50.0), WorkerLook(2, 0, 0.0), WorkerLook(3, 0, 9.0)]


def test_it_grows_at_the_second_look_and_never_beyond_the_most() -> None:
    rule = PoolRule(1, 3, quiet_seconds=60)
    busy = Look(100, WORKERS)
    assert rule.decide(busy, 1, 0) is None
    assert rule.decide(busy, 1, 1) == Grow()
    assert rule.decide(busy, 2, 2) is None
    assert rule.decide(Look(0, WORKERS), 2, 3) is None
    assert rule.decide(busy, 2, 4) is None
    assert rule.decide(busy, 2, 5) == Grow()
    assert [rule.decide(busy, 3, at) for at in range(6, 20)] == [None] * 14


def test_what_the_workers_have_room_for_is_no_reason_to_grow() -> None:
    rule = PoolRule(1, 9, quiet_seconds=60)
    assert [rule.decide(Look(8, WORKERS), 2, at) for at in range(9)] == [None] * 9


def test_the_idlest_goes_after_a_quiet_time_and_never_below_the_least() -> None:
    rule = PoolRule(2, 9, quiet_seconds=10)
    quiet = Look(0, WORKERS)
    assert rule.decide(quiet, 4, 0) is None
    assert rule.decide(quiet, 4, 9) is None
    assert rule.decide(quiet, 4, 10) == Shrink(2)
    assert rule.decide(quiet, 3, 19) is None
    assert rule.decide(Look(1, WORKERS), 3, 20) is None
    assert rule.decide(quiet, 3, 21) is None
    assert rule.decide(quiet, 3, 31) == Shrink(2)
    assert rule.decide(quiet, 2, 99) is None


def test_one_that_rests_is_not_replaced_and_is_no_reason_to_let_the_last_go() -> None:
    rule = PoolRule(1, 2, quiet_seconds=10)
    busy = Look(100, WORKERS[:1])
    assert [rule.decide(busy, 1, at, resting=1) for at in range(5)] == [None] * 5
    quiet = Look(0, WORKERS[:1])
    assert [rule.decide(quiet, 1, at, resting=1) for at in range(5, 99)] == [None] * 94


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.02})) as made:
        yield made


def test_a_big_run_makes_it_grow_and_quiet_makes_it_shrink(
    database: str, relay: RelayProcess
) -> None:
    furnish(database, relay.port)
    with private_home() as home:
        product = Product(home, database, QUICK)
        pool = product.start("work", "--min", "1", "--max", "3")
        product.workers.append(pool)
        alive = "SELECT count(*) FROM worker WHERE ended_at IS NULL AND alive_until > now()"
        try:
            run = product.ready(MAILS)
            product.launch(run)
            product.until(lambda: product.call(alive)[0] == 3, "the pool has grown")
            product.until_state(run, "finished")
            product.until(lambda: product.call(alive)[0] == 1, "the pool has shrunk")
            assert product.counts(run) == {"accepted": MAILS}
            assert len(relay.tally.accepted) == MAILS
            assert max(relay.tally.accepted.values()) == 1
            silent = "SELECT count(*) FROM worker WHERE ended_at IS NULL"
            assert product.call(silent)[0] == 1, "those that went ended in order"
            pool.terminate()
            assert pool.wait(60) == 0
        finally:
            product.end()
