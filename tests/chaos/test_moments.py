"""SIGKILL at one exact moment, brought about by a lock that the worker waits for."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.relay import Script

from .account import account_of
from .rig import CONNECTIONS, Rig, a_rig

MAILS = 300


@pytest.fixture
def rig(tmp_path: Path, postgres_server: TestServer) -> Iterator[Rig]:
    script = Script(delays={Phase.DOT: 0.02})
    with a_rig(tmp_path, postgres_server.shelf, script, workers=1) as made:
        yield made


@contextmanager
def waited_for(rig: Rig, lock: LiteralString, waiting: LiteralString) -> Iterator[None]:
    """The lock is held, and inside a worker waits for it in a statement like `waiting`."""
    with psycopg.connect(rig.dsn) as holder:
        holder.execute(lock)
        yield
        rig.until(
            lambda: bool(
                rig.call(
                    "SELECT count(*) > 0 FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock' AND query LIKE %s",
                    waiting,
                )[0]
            ),
            "a worker waits",
        )
        kill(rig)
        # What the database still does for the dead one would be done once the lock is gone.
        holder.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND query LIKE %s",
            (waiting,),
        )


def kill(rig: Rig) -> None:
    worker = rig.workers.pop()
    worker.kill()
    worker.wait()
    rig.killed += 1


def all_accepted(rig: Rig, run: int) -> None:
    rig.until_quiet(run)
    account_of(rig, run).must_add_up()
    assert rig.counts(run) == {"accepted": MAILS}


@pytest.mark.fault(1)
def test_killed_between_claim_and_window_every_mail_is_sent_once(rig: Rig) -> None:
    run = rig.ready(MAILS)
    with waited_for(rig, "LOCK TABLE delivery_state IN ACCESS EXCLUSIVE MODE", "%report_window%"):
        rig.launch(run)
    assert rig.relay.accepted() == 0
    rig.start_worker()
    all_accepted(rig, run)


@pytest.mark.fault(2)
def test_killed_with_replies_read_and_not_committed_they_are_settled_by_the_ledger(
    rig: Rig,
) -> None:
    run = rig.ready(MAILS)
    rig.launch(run)
    rig.until_accepted(20)
    with waited_for(rig, "LOCK TABLE delivery_state IN EXCLUSIVE MODE", "%report_window%"):
        pass
    rig.start_worker()
    rig.until_quiet(run)
    account_of(rig, run, each=CONNECTIONS).must_add_up()


@pytest.mark.fault(3)
def test_killed_while_preparing_everybody_is_prepared_once(rig: Rig) -> None:
    with waited_for(rig, "LOCK TABLE prepared IN EXCLUSIVE MODE", "%finish_prepare%"):
        run = rig.verify(MAILS)
    assert rig.call("SELECT count(*) FROM prepared") == (0,)
    rig.start_worker()
    rig.until_state(run, "ready")
    assert rig.call("SELECT count(*), count(DISTINCT hash) FROM delivery") == (MAILS, MAILS)
    rig.launch(run)
    all_accepted(rig, run)


@pytest.mark.fault(8)
@pytest.mark.parametrize("how", ["cut", "silence"])
def test_cut_off_longer_than_its_lease_its_replies_settle_what_was_unknown(
    rig: Rig, how: str
) -> None:
    run = rig.ready(MAILS)
    rig.start_worker()
    rig.launch(run)
    rig.until_accepted(20)
    line = rig.to_database[rig.workers[0].pid]
    rig.killed += 1
    getattr(line, how)()
    rig.until(lambda: rig.is_silent(rig.workers[0].pid), "its lease is over")
    rig.until_state(run, "finished")
    accepted = rig.relay.accepted()
    line.mend()
    rig.until(lambda: rig.counts(run).get("unknown", 0) == 0, "its replies settle the unknown")
    rig.until_quiet(run)
    account_of(rig, run).must_add_up()
    assert rig.relay.accepted() >= accepted
    assert rig.counts(run) == {"accepted": MAILS}


@pytest.mark.fault(10)
def test_a_worker_that_starts_on_a_full_disk_waits_for_space(
    tmp_path: Path, postgres_server: TestServer
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=0, disk=True) as rig:
        with rig.full_disk():
            worker = rig.start_worker()
            rig.until(lambda: "No space left" in rig.written_by("work"), "it says what is wrong")
            assert worker.poll() is None
        run = rig.ready(MAILS)
        rig.launch(run)
        all_accepted(rig, run)
