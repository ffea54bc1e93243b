"""`postroad up` sends a whole run while what it stands on is told to end, or over a broker."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import pytest

from postroad.core.outcome import Phase
from postroad.store.embedded import EmbeddedServer
from postroad.testing.product import Product, furnish
from postroad.testing.relay import RelayProcess, Script, relay_process

from .rig import Cli, eventually, line_with

MAILS = 1000
CLOCKS = {
    # A database that is away for longer than the guard is seen too.
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.5",
    "POSTROAD_MOST_WORKERS": "2",
}


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.01})) as made:
        yield made


@contextmanager
def under_way(cli: Cli, dsn: str, relay: RelayProcess) -> Iterator[tuple[Product, int]]:
    """A run that was launched and of which some mails are accepted; `up` is up."""
    furnish(dsn, relay.port)
    product = Product(cli.home, dsn, {})
    product.relay_id = cast("int", product.call("SELECT max(id) FROM relay")[0])
    run = product.ready(MAILS)
    product.launch(run)
    product.until(lambda: len(relay.tally.accepted) > MAILS // 10, "some are accepted", run)
    yield product, run
    product.until_state(run, "finished")
    assert product.counts(run) == {"accepted": MAILS}
    assert len(relay.tally.accepted) == MAILS
    assert max(relay.tally.accepted.values()) == 1


def test_a_run_goes_out_over_a_broker(cli: Cli, relay: RelayProcess, broker_url: str) -> None:
    """Nobody looks by himself but at his start: what is not heard would not be sent."""
    cli.more = CLOCKS | {"BROKER_URL": broker_url, "POSTROAD_SWEEP_SECONDS": "3600"}
    with cli.started("up") as up:
        line_with(up, "Sign in")
        assert eventually(lambda: cli.logs().count("doorbell_heard") == 2)
        with under_way(cli, cli.dsn, relay):
            pass
        assert cli.run("down").returncode == 0
        assert up.wait(60) == 0
    assert eventually(lambda: not cli.processes())


@pytest.mark.fault(5, 7)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "told"])
def test_a_run_goes_on_when_the_embedded_database_ends_in_the_middle(
    alone: Cli, relay: RelayProcess, number: signal.Signals
) -> None:
    """Told to end, it would wait for its sessions and let no new one in."""
    alone.more = CLOCKS
    database = EmbeddedServer(alone.home)
    with alone.started("up") as up:
        line_with(up, "Sign in")
        workers = set(alone.state().children.items())
        with under_way(alone, database.status().dsn, relay):
            first = database.status().pid
            os.kill(first, number)
            assert eventually(lambda: database.status().pid not in {0, first})
        assert set(alone.state().children.items()) == workers, "a process crashed"
        assert alone.run("down").returncode == 0
        assert up.wait(30) == 0
    assert eventually(lambda: not alone.processes())
