"""SIGKILL around the final dot, with the worker's ledger back and without; FAULTS 1, 2, 5."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.relay import Script

from .account import account_of
from .rig import CLOCKS, Rig, a_rig

MAILS = 160
CONNECTIONS = 4
SOME_ACCEPTED = 20


@contextmanager
def one_worker(tmp_path: Path, server: TestServer, script: Script) -> Iterator[Rig]:
    with a_rig(tmp_path, server.shelf, script, workers=1) as rig:
        yield rig


@pytest.fixture
def shelf(postgres_server: TestServer) -> TestServer:
    return postgres_server


def killed_under_way(rig: Rig) -> int:
    """A run whose worker was killed in the middle; nobody has taken its place yet."""
    run = rig.ready(MAILS)
    rig.launch(run)
    rig.until_accepted(SOME_ACCEPTED)
    kill(rig)
    return run


def kill(rig: Rig) -> None:
    worker = rig.workers.pop()
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    rig.killed += 1


def ended(rig: Rig, run: int) -> dict[str, int]:
    rig.start_worker()
    rig.until_quiet(run)
    account_of(rig, run).must_add_up()
    return rig.counts(run)


@pytest.mark.fault(1)
def test_killed_before_the_dot_every_mail_is_sent_once(tmp_path: Path, shelf: TestServer) -> None:
    slow = Script(delays={Phase.DATA: 0.1})
    with one_worker(tmp_path, shelf, slow) as rig:
        run = killed_under_way(rig)
        assert ended(rig, run).get("unknown", 0) <= CONNECTIONS
        begun_twice = rig.call(
            "SELECT count(*) FROM journal WHERE kind = 'not_begun' AND text LIKE 'By the ledger%%'"
        )
        assert int(str(begun_twice[0])) > CONNECTIONS, "the ledger settled nothing"


@pytest.mark.fault(2)
def test_killed_after_the_dot_only_mails_past_it_are_unknown(
    tmp_path: Path, shelf: TestServer
) -> None:
    slow = Script(delays={Phase.DOT: 0.3})
    with one_worker(tmp_path, shelf, slow) as rig:
        run = killed_under_way(rig)
        assert ended(rig, run).get("unknown", 0) <= CONNECTIONS


@pytest.mark.fault(2)
def test_a_ledger_that_comes_after_the_reaper_settles_what_it_left_unknown(
    tmp_path: Path, shelf: TestServer
) -> None:
    slow = Script(delays={Phase.DATA: 0.1})
    with one_worker(tmp_path, shelf, slow) as rig:
        run = killed_under_way(rig)
        away = rig.home / "away"
        (rig.home / "ledger").rename(away)
        assert ended(rig, run)["unknown"] > CONNECTIONS
        for left in away.iterdir():
            left.rename(rig.home / "ledger" / left.name)
        rig.until(lambda: rig.counts(run).get("unknown", 0) <= CONNECTIONS, "settled")
        rig.until_quiet(run)
        account_of(rig, run).must_add_up()


@pytest.mark.fault(2)
def test_without_a_ledger_a_window_is_unknown_and_nothing_is_sent_twice(
    tmp_path: Path, shelf: TestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CLOCKS, "POSTROAD_LEDGER", "false")
    slow = Script(delays={Phase.DATA: 0.1})
    with one_worker(tmp_path, shelf, slow) as rig:
        run = killed_under_way(rig)
        assert CONNECTIONS < ended(rig, run)["unknown"] <= rig.killed * 100
        assert not (rig.home / "ledger").exists()


@pytest.mark.fault(5)
def test_a_250_that_could_not_be_recorded_is_in_the_ledger(
    tmp_path: Path, shelf: TestServer
) -> None:
    # A window is what is answered in a second: at this pace more than are asked for here.
    slow = Script(delays={Phase.DOT: 0.05})
    with one_worker(tmp_path, shelf, slow) as rig:
        run = rig.ready(MAILS)
        rig.launch(run)
        rig.until_accepted(MAILS // 2)
        before = rig.relay.accepted()
        with rig.frozen(*rig.database_pids):
            rig.until(lambda: rig.relay.accepted() >= before + 10, "answered, not recorded")
            kill(rig)
        counts = ended(rig, run)
        assert counts.get("unknown", 0) <= CONNECTIONS
        handed_in = rig.call(
            "SELECT count(DISTINCT n) FROM journal WHERE kind = 'accepted'"
            " AND actor LIKE 'ledger of worker%%'"
        )
        assert int(str(handed_in[0])) >= 5


def test_a_worker_that_ends_in_order_leaves_no_ledger(tmp_path: Path, shelf: TestServer) -> None:
    with one_worker(tmp_path, shelf, Script()) as rig:
        run = rig.ready(50)
        rig.launch(run)
        rig.until_state(run, "finished")
        assert len(list((rig.home / "ledger").iterdir())) == 1
        worker = rig.workers.pop()
        worker.terminate()
        assert worker.wait(60) == 0
        assert list((rig.home / "ledger").iterdir()) == []
