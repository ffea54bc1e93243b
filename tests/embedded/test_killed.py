"""Whatever was killed, the next start just works and committed rows are there."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from postroad.store.embedded import EmbeddedFault, EmbeddedServer, connection
from postroad.store.embedded.locks import wait_until
from tests.embedded.conftest import pid_of, run, value
from tests.embedded.test_start import start_elsewhere


def kill_server(server: EmbeddedServer) -> int:
    pid = pid_of(server)
    os.kill(pid, signal.SIGKILL)
    return pid


def pid_file(server: EmbeddedServer) -> Path:
    data = server.status().data_directory
    assert data is not None
    return data / "postmaster.pid"


@pytest.mark.fault(5)
def test_after_a_kill_it_starts_at_the_first_try(home: Path, shelf: Path) -> None:
    server = EmbeddedServer(home, shelf=shelf)
    run(server.start(), "CREATE TABLE letter AS SELECT 7 AS n")
    first = kill_server(server)
    dsn = server.start()
    assert value(dsn, "SELECT n FROM letter") == 7
    assert pid_of(server) != first


def test_a_killed_server_is_not_attached_to(server: EmbeddedServer) -> None:
    server.start()
    pid = kill_server(server)
    assert wait_until(lambda: not psutil.pid_exists(pid), 10)
    assert server.attach() is None
    assert server.status().state == "stopped"
    assert server.stop() is False


def replaced_pid(text: str, pid: int) -> str:
    return "\n".join([str(pid), *text.splitlines()[1:]]) + "\n"


@pytest.fixture
def left_pid_file(server: EmbeddedServer) -> str:
    """The pid file that a killed server left."""
    server.start()
    file = pid_file(server)
    text = file.read_text(encoding="ascii")
    pid = kill_server(server)
    assert wait_until(lambda: not psutil.pid_exists(pid), 10)
    return text


@pytest.mark.fault(5)
def test_the_pid_of_a_zombie_does_not_keep_it_from_starting(
    server: EmbeddedServer, left_pid_file: str
) -> None:
    zombie = subprocess.Popen(["true"])
    assert wait_until(lambda: psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE, 10)
    pid_file(server).write_text(replaced_pid(left_pid_file, zombie.pid), encoding="ascii")
    assert server.attach() is None
    server.start()
    zombie.wait()


@pytest.mark.fault(5)
def test_a_pid_that_is_another_program_s_by_now_does_not_either(
    server: EmbeddedServer, left_pid_file: str
) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    pid_file(server).write_text(replaced_pid(left_pid_file, other.pid), encoding="ascii")
    assert server.attach() is None
    server.start()
    assert other.poll() is None
    other.communicate(b"\n", timeout=10)


@pytest.mark.parametrize("text", ["", "\n", "no number\n", "999999999\n"])
@pytest.mark.fault(5)
def test_a_damaged_pid_file_does_not_either(
    server: EmbeddedServer, left_pid_file: str, text: str
) -> None:
    pid_file(server).write_text(text, encoding="ascii")
    server.start()


@pytest.mark.fault(5)
def test_a_left_socket_lock_does_not_either(server: EmbeddedServer, left_pid_file: str) -> None:
    socket_lock = Path(left_pid_file.splitlines()[4]) / ".s.PGSQL.5432.lock"
    socket_lock.write_text(replaced_pid(left_pid_file, os.getpid()), encoding="ascii")
    server.start()


def test_processes_that_outlive_the_killed_one_are_waited_for_and_named(
    home: Path, shelf: Path, server: EmbeddedServer
) -> None:
    server.start()
    children = psutil.Process(pid_of(server)).children()
    stuck = next(child for child in children if "walwriter" in child.cmdline()[0])
    stuck.suspend()
    kill_server(server)
    hasty = EmbeddedServer(home, shelf=shelf, orphan_seconds=0.5)
    with pytest.raises(EmbeddedFault, match=rf"pids {stuck.pid}\b.* start again"):
        hasty.start()
    stuck.resume()
    server.start()


def test_a_socket_that_was_swept_away_comes_back(server: EmbeddedServer) -> None:
    dsn = server.start()
    run(dsn, "CREATE TABLE letter AS SELECT 7 AS n")
    shutil.rmtree(str(conninfo_to_dict(dsn)["host"]))
    assert server.attach() is None
    assert value(server.start(), "SELECT n FROM letter") == 7


def test_killed_while_making_the_cluster_it_is_made_again(
    server: EmbeddedServer, home: Path
) -> None:
    half = home / "postgres" / "18.part" / "base"
    half.mkdir(parents=True)
    (half / "1").write_bytes(b"half")
    server.start()
    assert not half.exists()


@pytest.mark.parametrize("seconds", [0.2, 0.5, 0.8, 1.1])
@pytest.mark.fault(5)
def test_a_starter_killed_at_any_moment_leaves_nothing_in_the_way(
    server: EmbeddedServer, home: Path, shelf: Path, seconds: float
) -> None:
    starter = start_elsewhere(home, shelf)
    try:
        starter.wait(seconds)
    except subprocess.TimeoutExpired:
        starter.kill()
    starter.communicate(timeout=10)
    assert value(server.start(), "SELECT 1") == 1


def test_a_server_that_does_not_answer_is_named(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "ANSWER_SECONDS", 2)
    server.start()
    process = psutil.Process(pid_of(server))
    process.suspend()
    try:
        with pytest.raises(EmbeddedFault, match=rf"pid {process.pid}.*postroad down"):
            server.start()
    finally:
        process.resume()
    server.start()


def test_a_suspended_server_is_stopped_all_the_same(server: EmbeddedServer) -> None:
    server.start()
    psutil.Process(pid_of(server)).suspend()
    assert server.stop() is True


@pytest.mark.fault(7)
def test_told_to_end_with_a_session_open_it_is_ended_by_the_next_start(
    server: EmbeddedServer,
) -> None:
    """By itself it would wait for the session, and let no new one in."""
    dsn = server.start()
    first = pid_of(server)
    with psycopg.connect(dsn):
        os.kill(first, signal.SIGTERM)
        assert wait_until(lambda: server.status().state == "stopping", 30)
        assert server.attach() is None
        assert value(server.start(), "SELECT 7") == 7
    assert pid_of(server) != first
