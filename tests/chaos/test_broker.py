"""Real workers that hear over RabbitMQ, in the middle of a 2,000-mail run; FAULTS 4 and 9."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.proxy import Line
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Script

from .account import account_of
from .rig import Rig, a_rig

MAILS = 2000
SOME_ACCEPTED = 300
SCRIPT = Script(delays={Phase.DOT: 0.005})
CLOCKS = {"POSTROAD_RING_AGAIN_SECONDS": "1", "POSTROAD_LOG_JSON": "true"}


@contextmanager
def over_rabbitmq(
    tmp_path: Path, shelf: Path, node: RabbitMQNode, url: str
) -> Iterator[tuple[Rig, Line]]:
    """Two workers; the first reaches the broker through the line."""
    with a_rig(tmp_path, shelf, SCRIPT, workers=0, more=CLOCKS) as rig:
        line = rig.lines.between(("127.0.0.1", 0), ("127.0.0.1", node.port))
        assert isinstance(line.address, tuple)
        own = dict(rig.environment)
        for port in (line.address[1], node.port):
            rig.environment = own | {"BROKER_URL": url.replace(str(node.port), str(port))}
            rig.start_worker()
        rig.until(lambda: said(rig, "doorbell_heard") == 2, "both workers hear the broker")
        yield rig, line


def said(rig: Rig, event: str) -> int:
    """How often the workers logged it."""
    return sum(log.read_text().count(event) for log in (rig.home / "log").glob("work-*.log"))


def under_way(rig: Rig) -> int:
    run = rig.ready(MAILS)
    rig.launch(run)
    rig.until_accepted(SOME_ACCEPTED)
    return run


def ends_well(rig: Rig, run: int) -> None:
    rig.until_quiet(run)
    account_of(rig, run).must_add_up()
    assert rig.counts(run) == {"accepted": MAILS}
    assert all(worker.poll() is None for worker in rig.workers), "a worker crashed"


@pytest.mark.fault(4)
def test_kill_9_of_the_broker(
    tmp_path: Path, postgres_server: TestServer, own_rabbitmq: RabbitMQNode
) -> None:
    with over_rabbitmq(tmp_path, postgres_server.shelf, own_rabbitmq, own_rabbitmq.url) as (rig, _):
        run = under_way(rig)
        own_rabbitmq.kill()
        rig.until(lambda: said(rig, "doorbell_lost") == 2, "both workers lost the broker")
        own_rabbitmq.start()
        rig.until(lambda: said(rig, "doorbell_heard") == 4, "both workers hear it again")
        ends_well(rig, run)


@pytest.mark.fault(4)
def test_a_broker_that_is_frozen_for_the_rest_of_a_run(
    tmp_path: Path, postgres_server: TestServer, own_rabbitmq: RabbitMQNode
) -> None:
    with over_rabbitmq(tmp_path, postgres_server.shelf, own_rabbitmq, own_rabbitmq.url) as (rig, _):
        run = under_way(rig)
        with own_rabbitmq.freeze():
            ends_well(rig, run)


@pytest.mark.fault(9)
@pytest.mark.parametrize("act", [Line.cut, Line.silence])
def test_a_worker_that_is_cut_off_from_the_broker(
    act: Callable[[Line], None],
    tmp_path: Path,
    postgres_server: TestServer,
    rabbitmq: RabbitMQNode,
    broker_url: str,
) -> None:
    with over_rabbitmq(tmp_path, postgres_server.shelf, rabbitmq, broker_url) as (rig, line):
        run = under_way(rig)
        act(line)
        rig.until_accepted(2 * SOME_ACCEPTED)
        line.mend()
        ends_well(rig, run)
