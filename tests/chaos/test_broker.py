"""The broker is killed, or a worker cut off from it, in the middle of a run of processes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Script

from .account import account_of
from .rig import Rig, a_rig

MAILS = 600


@pytest.fixture
def rig(tmp_path: Path, postgres_server: TestServer, own_rabbitmq: RabbitMQNode) -> Iterator[Rig]:
    script = Script(delays={Phase.DOT: 0.01})
    more = {"POSTROAD_SWEEP_SECONDS": "1", "POSTROAD_RING_AGAIN_SECONDS": "2"}
    with a_rig(tmp_path, postgres_server.shelf, script, broker=own_rabbitmq, more=more) as made:
        yield made


def heard(rig: Rig) -> int:
    return rig.written_by("work").count("doorbell_heard")


def all_accepted_once(rig: Rig, run: int) -> None:
    rig.until_state(run, "finished")
    account_of(rig, run).must_add_up()
    assert rig.counts(run) == {"accepted": MAILS}
    assert set(rig.relay.tally.begun_recipients.values()) == {1}


@pytest.mark.fault(4)
def test_a_killed_broker_stops_no_run_and_is_heard_again_by_itself(rig: Rig) -> None:
    run = rig.ready(MAILS)
    rig.until(lambda: heard(rig) == 2, "both workers listen")
    rig.launch(run)
    rig.until_accepted(20)
    assert rig.broker is not None
    rig.broker.kill()
    all_accepted_once(rig, run)
    rig.broker.start()
    rig.until(lambda: heard(rig) >= 4, "both workers listen again")


@pytest.mark.fault(9)
@pytest.mark.parametrize("how", ["cut", "silence"])
def test_a_worker_cut_off_from_the_broker_changes_nothing(rig: Rig, how: str) -> None:
    run = rig.ready(MAILS)
    rig.until(lambda: heard(rig) == 2, "both workers listen")
    rig.launch(run)
    rig.until_accepted(20)
    line = rig.to_broker[rig.workers[0].pid]
    getattr(line, how)()
    rig.until_accepted(MAILS // 2)
    line.mend()
    all_accepted_once(rig, run)
