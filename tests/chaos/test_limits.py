"""A rate held by four worker processes of which two are killed; counted at the relay's own file."""

from pathlib import Path

import pytest

from postroad.testing.database import private_home
from postroad.testing.product import Product, furnish
from postroad.testing.rates import Record, record_of
from postroad.testing.relay import RelayProcess, read_events, relay_process

from .rig import CLOCKS, WINDOW

A_SECOND = 50
MAILS = 1500
SECONDS = 20
WARM_SECONDS = 2


def seen(relay: RelayProcess) -> Record:
    return record_of(read_events(relay.file))


def sent_by_four_of_which_two_are_killed(product: Product, relay: RelayProcess, run: int) -> None:
    """Until the relay has seen enough."""

    def lasts(seconds: float) -> bool:
        begun = seen(relay).begun
        return bool(begun) and begun[-1].at - begun[0].at > seconds

    product.until(lambda: lasts(WARM_SECONDS), "connections are open", run)
    product.until(lambda: lasts(SECONDS / 2), "the first half", run)
    for worker in product.workers[:2]:
        worker.kill()
        worker.wait()
    product.until(lambda: lasts(SECONDS + 1), "the second half", run)
    product.call("SELECT * FROM stop_run(%s, 'manager', 'enough')", run)
    still = "SELECT count(*) FROM batch WHERE stage <> 'done'"
    product.until(lambda: product.call(still) == (0,), "nobody sends", run)


@pytest.mark.fault(1, 2)
def test_no_second_exceeds_a_rate_of_four_workers_of_which_two_are_killed(
    database: str, tmp_path: Path
) -> None:
    """The benchmark `limits` tells how much of it they use: here half will do on any machine."""
    with relay_process(tmp_path, watches=True) as relay, private_home("postroad-limits-") as home:
        furnish(database, relay.port)
        product = Product(home, database, CLOCKS)
        product.call("SELECT set_bucket('relay', '1', %s, NULL)", 60 * A_SECOND)
        try:
            for _ in range(4):
                product.start_worker()
            run = product.ready(MAILS)
            product.launch(run)
            sent_by_four_of_which_two_are_killed(product, relay, run)
            record, counts = seen(relay), product.counts(run)
        finally:
            product.end()
        assert relay.tally.twice == []
        assert len(relay.tally.accepted) >= counts["accepted"]
        assert counts.get("unknown", 0) <= 2 * WINDOW
        assert sum(counts.values()) == MAILS
    assert record.worst_second() <= A_SECOND
    since = record.begun[0].at + WARM_SECONDS
    assert record.used(A_SECOND, since, since + SECONDS - WARM_SECONDS) >= 0.5
