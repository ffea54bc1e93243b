"""What cannot be is said in words that end with what to do, and nothing is touched."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from postroad.store.embedded import EmbeddedFault, EmbeddedServer, account, layout
from postroad.store.embedded.account import Account, account_for
from postroad.store.embedded.binaries import wheel_version
from postroad.store.embedded.layout import Layout, make_run_directory
from postroad.testing.database import private_home
from tests.embedded.conftest import pid_of, value

OWN_MAJOR = int(wheel_version().split(".")[0])
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def tree(directory: Path) -> dict[str, tuple[int, int, bytes]]:
    return {
        str(path.relative_to(directory)): (
            path.lstat().st_mode,
            path.lstat().st_uid,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(directory.rglob("*"))
    }


def test_data_of_another_major_are_named_and_not_touched(
    server: EmbeddedServer, home: Path
) -> None:
    data = home / "postgres" / "9"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n", encoding="ascii")
    before = tree(data)
    with pytest.raises(EmbeddedFault) as fault:
        server.start()
    text = str(fault.value)
    assert "PostgreSQL 9;" in text
    assert f"PostgreSQL {OWN_MAJOR}" in text
    assert "Install PostgreSQL 9" in text
    assert tree(data) == before
    assert not (home / "postgres" / str(OWN_MAJOR)).exists()


def test_a_directory_under_a_wrong_number_is_not_touched(
    server: EmbeddedServer, home: Path
) -> None:
    data = home / "postgres" / str(OWN_MAJOR)
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n", encoding="ascii")
    before = tree(data)
    with pytest.raises(EmbeddedFault, match=r"PostgreSQL 17\. Nothing was touched\. Rename it"):
        server.start()
    assert tree(data) == before


def test_files_that_are_no_data_directory_are_not_touched(
    server: EmbeddedServer, home: Path
) -> None:
    data = home / "postgres" / str(OWN_MAJOR)
    data.mkdir(parents=True)
    (data / "thesis.txt").write_text("mine", encoding="ascii")
    with pytest.raises(EmbeddedFault, match="Move it out of the way"):
        server.start()
    assert (data / "thesis.txt").read_text(encoding="ascii") == "mine"


def older_majors() -> list[int]:
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return [int(path.parent.parent.name) for path in found if path.parent.parent.name != "18"]


@pytest.mark.skipif(not older_majors(), reason="no other PostgreSQL is installed")
def test_data_of_another_major_are_opened_by_its_own_programs(
    server: EmbeddedServer, home: Path
) -> None:
    major = older_majors()[0]
    who = account_for(None)
    data = home / "postgres" / str(major)
    data.mkdir(parents=True)
    os.chown(data, who.uid, who.gid)
    subprocess.run(
        [f"/usr/lib/postgresql/{major}/bin/initdb", "-D", data, "-U", "postroad", "-A", "trust"],
        check=True,
        capture_output=True,
        cwd="/",
        user=who.user,
        group=who.group,
        extra_groups=who.extra_groups,
    )
    dsn = server.start()
    assert str(value(dsn, "SHOW server_version")).startswith(f"{major}.")
    assert not (home / "postgres" / str(OWN_MAJOR)).exists()


@needs_root
@pytest.mark.root
@pytest.mark.fault(10)
def test_a_full_disk_is_told_and_nothing_is_lost(home: Path, shelf: Path) -> None:
    small = home / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=20m,mode=711", "tmpfs", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk here")
    server = EmbeddedServer(small, shelf=shelf)
    try:
        with pytest.raises(EmbeddedFault, match=r"is full \(\d+ MB left\)\. Free some space"):
            server.start()
        assert not list(small.glob("postgres/*.part"))
        subprocess.run(["mount", "-o", "remount,size=300m", str(small)], check=True)
        assert value(server.start(), "SELECT 1") == 1
        server.stop()
    finally:
        subprocess.run(["umount", str(small)], check=True)


@needs_root
@pytest.mark.root
def test_a_home_that_the_dropped_account_cannot_enter_is_named(home: Path, shelf: Path) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedFault, match=f"cannot enter {closed} .mode 0700.*POSTROAD_HOME"):
        EmbeddedServer(closed / "home", shelf=shelf).start()
    assert closed.stat().st_mode & 0o777 == 0o700


@needs_root
@pytest.mark.root
def test_root_opens_a_user_s_data_as_that_user(home: Path, shelf: Path) -> None:
    server = EmbeddedServer(home, shelf=shelf)
    server.start()
    server.stop()
    data = home / "postgres" / str(OWN_MAJOR)
    for path in (data, *data.rglob("*")):
        os.chown(path, 65534, 65534)
    server.start()
    assert Path(f"/proc/{pid_of(server)}").stat().st_uid == 65534
    server.stop()


@needs_root
@pytest.mark.root
def test_without_a_way_to_make_an_account_root_is_told_its_three_ways(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(account, "SYSTEM_ACCOUNT", "postroad-not-there")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedFault, match=r"system account.*ordinary user.*DATABASE_URL"):
        account_for(None)


def as_user(uid: int, work: Callable[[], str]) -> str:
    """What `work` returned, or the fault that it met, done by a child that became `uid`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(uid)
            os.setuid(uid)
            said = work()
        except EmbeddedFault as fault:
            said = f"fault: {fault}"
        except BaseException as error:  # noqa: BLE001 - the child must never return into pytest.
            said = f"surprise: {error!r}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def nobody_s_home() -> Iterator[Path]:
    with private_home() as home:
        os.chown(home, 65534, 65534)
        yield home


@needs_root
@pytest.mark.root
def test_an_ordinary_user_starts_and_stops_it(nobody_s_home: Path, shelf: Path) -> None:
    def work() -> str:
        os.environ.pop("XDG_RUNTIME_DIR", None)
        server = EmbeddedServer(nobody_s_home, shelf=shelf)
        version = value(server.start(), "SHOW server_version_num")
        return f"{version} {server.stop()}"

    assert re.fullmatch(rf"{OWN_MAJOR}\d+ True", as_user(65534, work))


@needs_root
@pytest.mark.root
def test_a_uid_without_a_name_is_pointed_to_database_url(shelf: Path) -> None:
    with private_home() as home:
        os.chown(home, 54321, 54321)
        said = as_user(54321, lambda: EmbeddedServer(home, shelf=shelf).start())
    assert said.startswith("fault: The uid 54321 has no line in the passwd file")
    assert "DATABASE_URL" in said


@needs_root
@pytest.mark.root
def test_a_home_of_somebody_else_is_named(shelf: Path) -> None:
    with private_home() as home:
        said = as_user(65534, lambda: EmbeddedServer(home / "x", shelf=shelf).start())
        assert said.startswith(f"fault: This account (uid 65534) may not write {home}/x.")
        assert "POSTROAD_HOME" in said


def test_a_socket_directory_that_others_may_enter_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    me = Account("me", os.geteuid(), os.getegid(), is_dropped_to=False)
    first, second = tmp_path / "a", tmp_path / "b"
    first.mkdir()
    second.mkdir()
    monkeypatch.setattr(layout, "_bases", lambda: iter([first]))
    made = make_run_directory(Layout(tmp_path), me)
    assert make_run_directory(Layout(tmp_path), me) == made
    made.chmod(0o755)
    monkeypatch.setattr(layout, "_bases", lambda: iter([first, second]))
    assert make_run_directory(Layout(tmp_path), me).parent == second
    made.rmdir()
    made.symlink_to(second)
    assert make_run_directory(Layout(tmp_path), me).parent == second
    shutil.rmtree(second)
    monkeypatch.setattr(layout, "_bases", lambda: iter([first]))
    with pytest.raises(EmbeddedFault, match="XDG_RUNTIME_DIR"):
        make_run_directory(Layout(tmp_path), me)
