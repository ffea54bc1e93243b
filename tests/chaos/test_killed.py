"""SIGKILL and SIGSTOP in the middle of a 2,000-mail run; FAULTS 1, 2, 5, 6, 8."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.relay import Rule, Script

from .account import account_of
from .rig import Rig, a_rig

MAILS = 2000
SOME_ACCEPTED = 300
SCRIPT = Script(
    delays={Phase.DOT: 0.005},
    rules=(Rule(Phase.RCPT, reply="451 4.3.0 later", recipient="person7*@*", times=1),),
)


@pytest.fixture
def rig(tmp_path: Path, postgres_server: TestServer) -> Iterator[Rig]:
    with a_rig(tmp_path, postgres_server.shelf, SCRIPT) as made:
        yield made


def under_way(rig: Rig) -> int:
    run = rig.ready(MAILS)
    rig.launch(run)
    rig.until_accepted(SOME_ACCEPTED)
    return run


def ends_well(rig: Rig, run: int) -> None:
    rig.until_quiet(run)
    account_of(rig, run).must_add_up()
    counts = rig.counts(run)
    assert counts["accepted"] + counts.get("unknown", 0) == MAILS


@pytest.mark.fault(1, 2)
def test_kill_9_of_a_worker(rig: Rig) -> None:
    run = under_way(rig)
    rig.kill_worker()
    ends_well(rig, run)


@pytest.mark.fault(1, 2)
def test_kill_9_of_both_workers_twice(rig: Rig) -> None:
    run = under_way(rig)
    for accepted in (SOME_ACCEPTED, 800):
        rig.until_accepted(accepted)
        rig.kill_worker(0)
        rig.kill_worker(0)
    ends_well(rig, run)


@pytest.mark.fault(2, 8)
def test_a_frozen_worker_settles_its_unknowns_when_it_wakes(rig: Rig) -> None:
    run = under_way(rig)
    with rig.frozen(rig.workers[0].pid):
        rig.killed += 1
        rig.until_state(run, "finished")
    # What it had read, or reads now, is evidence; nothing of it begins again.
    rig.until(lambda: account_of(rig, run).unknown == 0, "late facts settle the unknowns")
    ends_well(rig, run)


@pytest.mark.fault(5)
def test_kill_9_of_the_database(rig: Rig) -> None:
    run = under_way(rig)
    rig.kill_database()
    ends_well(rig, run)
    assert account_of(rig, run).unknown == 0
    assert all(worker.poll() is None for worker in rig.workers), "a worker crashed"


@pytest.mark.fault(5, 8)
def test_a_frozen_database(rig: Rig) -> None:
    run = under_way(rig)
    with rig.frozen(*rig.database_pids):
        rig.killed += len(rig.workers)
        time.sleep(4)  # The fault itself: longer than a lease.
    ends_well(rig, run)


@pytest.mark.fault(6)
def test_kill_9_and_freezing_of_the_web_change_nothing(rig: Rig) -> None:
    web = rig.start_web()
    run = under_way(rig)
    with rig.frozen(web.pid):
        rig.until_accepted(SOME_ACCEPTED * 2)
    web.kill()
    ends_well(rig, run)
    assert account_of(rig, run).unknown == 0


@pytest.mark.fault(7)
def test_sigterm_drains_a_worker_and_loses_nothing(rig: Rig) -> None:
    run = under_way(rig)
    worker = rig.workers.pop(0)
    worker.terminate()
    assert worker.wait(60) == 0
    rig.start_worker()
    ends_well(rig, run)
    assert account_of(rig, run).unknown == 0
