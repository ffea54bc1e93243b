"""Where the log goes is full, or nobody reads a worker's: lines are lost, and nothing else."""

import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

import psycopg
import pytest

from postroad.testing.relay import Phase, Rule, Script, relay_process

from .rig import Cli, eventually
from .test_logs import a_ready_run, status_of

PEOPLE = 60
REFUSING = Script(
    rules=(Rule(Phase.RCPT, reply="550 5.1.1 nobody here", nth=tuple(range(1, PEOPLE, 2))),)
)
"""Every other mail has its line in the log: more than the pipe holds."""
ALog = Callable[[], AbstractContextManager[IO[bytes]]]


@contextmanager
def full_disk() -> Iterator[IO[bytes]]:
    with Path("/dev/full").open("wb") as full:
        yield full


@contextmanager
def standing_reader() -> Iterator[IO[bytes]]:
    """A pipe of the smallest size, of which nothing is ever read."""
    reads, writes = os.pipe()
    fcntl.fcntl(writes, fcntl.F_SETPIPE_SZ, 4096)
    with os.fdopen(reads, "rb"), os.fdopen(writes, "wb") as pipe:
        yield pipe


@contextmanager
def started(cli: Cli, command: str, log: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        [sys.executable, "-m", "postroad", command],
        env=cli.environment,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.fault(10)
@pytest.mark.parametrize("a_log", [full_disk, standing_reader])
def test_a_worker_whose_log_takes_nothing_loses_no_mail(
    cli: Cli, tmp_path: Path, a_log: ALog
) -> None:
    cli.more = {"POSTROAD_SWEEP_SECONDS": "0.5", "POSTROAD_DOMAIN_CONNECTIONS": "0"}
    with relay_process(tmp_path, REFUSING) as relay, a_log() as log:
        a_ready_run(cli, relay.port, people=PEOPLE)
        with started(cli, "work", log) as worker:
            half = PEOPLE // 2
            assert eventually(lambda: states(cli) == {"accepted": half, "rejected": half})
            worker.terminate()
            assert worker.wait(60) == 0
        assert set(relay.tally.accepted.values()) == {1}
        assert relay.tally.accepted.total() == half


def states(cli: Cli) -> dict[str, int]:
    with psycopg.connect(cli.dsn) as connection:
        found = connection.execute("SELECT state, count(*) FROM delivery_state GROUP BY 1")
        return {str(state): int(count) for state, count in found}


@pytest.mark.fault(10)
def test_a_console_whose_log_takes_nothing_answers(cli: Cli) -> None:
    with full_disk() as log, started(cli, "serve", log) as console:
        url = f"http://127.0.0.1:{cli.port}"
        assert eventually(lambda: status_of(f"{url}/healthz") == 200)
        for _ in range(60):
            assert status_of(f"{url}/no/such/page/") == 404
        console.terminate()
        assert console.wait(60) == 0
