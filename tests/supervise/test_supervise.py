import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from postroad.cli import supervise_child
from postroad.cli.supervise_state import (
    bring_down,
    is_up,
    make_run_directory,
    read_state,
    running_state,
)
from tests.supervise.rig import DEAF, DRAINS, FAILS, IDLE, PARENT, eventually, is_gone, rig


@pytest.mark.fault(7)
def test_told_to_end_it_lets_its_children_drain(tmp_path: Path) -> None:
    with rig(tmp_path, worker=DRAINS, web=IDLE) as up:
        assert up.says("worker", "ready")
        pids = up.children().values()
        assert up.end() == 0
        assert up.says("worker", "drained")
        assert all(map(is_gone, pids))
        assert read_state(tmp_path) is None


def test_ctrl_c_drains_too(tmp_path: Path) -> None:
    with rig(tmp_path, worker=DRAINS) as up:
        assert up.says("worker", "ready")
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(60) == 0
        assert up.says("worker", "drained")


@pytest.mark.fault(7)
def test_a_child_that_does_not_drain_in_time_is_killed(tmp_path: Path) -> None:
    with rig(tmp_path, grace_seconds=0.3, worker=DEAF) as up:
        assert up.says("worker", "deaf")
        pid = up.pid("worker")
        up.process.terminate()
        assert "ChildKilled" in up.line("ChildKilled")
        assert up.process.wait(60) == 0
        assert is_gone(pid)


def test_a_second_ctrl_c_ends_the_grace_time(tmp_path: Path) -> None:
    with rig(tmp_path, grace_seconds=600, worker=DEAF) as up:
        assert up.says("worker", "deaf")
        up.process.send_signal(signal.SIGINT)
        up.line("Draining")
        up.process.send_signal(signal.SIGINT)
        assert up.process.wait(60) == 0


def test_a_suspended_child_is_let_drain(tmp_path: Path) -> None:
    with rig(tmp_path, worker=DRAINS) as up:
        assert up.says("worker", "ready")
        os.kill(up.pid("worker"), signal.SIGSTOP)
        assert up.end() == 0
        assert up.says("worker", "drained")


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE, web=IDLE) as up:
        first, web = up.pid("worker"), up.pid("web")
        os.kill(first, signal.SIGKILL)
        assert "code=-9" in up.line("ChildDied")
        assert eventually(lambda: up.children().get("worker", first) != first)
        assert up.pid("web") == web


def test_a_child_that_keeps_dying_is_started_ever_more_rarely(tmp_path: Path) -> None:
    with rig(tmp_path, worker=FAILS) as up:
        waits = [up.line("ChildDied") for _ in range(3)]
        seconds = [float(line.rsplit("=", 1)[1].rstrip(")\n")) for line in waits]
        assert seconds == pytest.approx([0, 0.5, 1], abs=0.1)
        assert "code=3" in waits[0]


def test_what_a_killed_child_had_started_does_not_live_on(tmp_path: Path) -> None:
    with rig(tmp_path, web=PARENT) as up:
        assert up.says("web", "\n")
        grandchild = int((tmp_path / "log" / "web.log").read_text(encoding="utf-8"))
        os.kill(up.pid("web"), signal.SIGKILL)
        assert eventually(lambda: is_gone(grandchild))


def test_killed_it_leaves_no_orphans(tmp_path: Path) -> None:
    with rig(tmp_path, worker=DRAINS, web=IDLE) as up:
        assert up.says("worker", "ready")
        pids = list(up.children().values())
        up.process.kill()
        assert eventually(lambda: all(map(is_gone, pids)))
        assert up.says("worker", "drained")
        assert not is_up(tmp_path)


def test_what_did_not_end_with_a_killed_one_ends_before_the_next_starts(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as up:
        stuck = up.pid("worker")
        assert eventually(lambda: IDLE in psutil.Process(stuck).cmdline())
        os.kill(stuck, signal.SIGSTOP)
        up.process.kill()
        up.process.wait(60)
        assert not is_gone(stuck)
    with rig(tmp_path, worker=IDLE) as up:
        up.line("ChildStarted")
        assert is_gone(stuck)


def test_a_second_one_attaches_and_says_where(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as up:
        up.line("ChildStarted")
        with rig(tmp_path, worker=IDLE) as second:
            said = second.line("attached")
            assert second.process.wait(60) == 0
        assert said == f"attached {up.process.pid} http://127.0.0.1:8025/\n"
        state = running_state(tmp_path)
        assert state is not None
        assert state.pid == up.process.pid
        assert state.children["worker"].pid == up.pid("worker")


def test_two_at_once_are_one(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as one, rig(tmp_path, worker=IDLE) as other:
        assert eventually(lambda: one.process.poll() == 0 or other.process.poll() == 0)
        assert one.process.poll() is None or other.process.poll() is None


def test_down_ends_it_and_is_harmless_twice(tmp_path: Path) -> None:
    with rig(tmp_path, worker=DRAINS) as up:
        assert up.says("worker", "ready")
        assert bring_down(tmp_path) is True
        assert up.process.wait(60) == 0
        assert bring_down(tmp_path) is False


def test_down_says_what_to_do_when_it_does_not_end(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as up:
        up.pid("worker")
        up.process.send_signal(signal.SIGSTOP)
        with pytest.raises(TimeoutError, match=rf"kill -9 {up.process.pid};"):
            bring_down(tmp_path, patience_seconds=0.2)
        up.process.send_signal(signal.SIGCONT)


def test_its_directories_are_for_nobody_else(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as up:
        up.pid("worker")
        for name in ("run", "log"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o700


def test_children_stand_in_no_directory_that_could_be_removed(tmp_path: Path) -> None:
    with rig(tmp_path, worker=IDLE) as up:
        process = psutil.Process(up.pid("worker"))
        assert eventually(lambda: IDLE in process.cmdline())
        assert process.cwd() == "/"


def test_a_child_of_one_that_ended_meanwhile_does_not_become_the_program() -> None:
    command = [sys.executable, supervise_child.__file__, "1", "echo", "became"]
    done = subprocess.run(command, capture_output=True, check=True, timeout=20)
    assert done.stdout == b""


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"pid": 1, "url": "", "children": []}'])
def test_a_damaged_state_file_is_no_state(tmp_path: Path, text: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "up.json").write_text(text, encoding="utf-8")
    assert read_state(tmp_path) is None


@pytest.mark.fault(10)
def test_a_log_that_cannot_be_written_costs_lines_and_not_the_supervisor(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_run_directory(home)
    (home / "log" / "up.log").symlink_to("/dev/full")
    (home / "log" / "one.log").symlink_to(tmp_path / "nowhere" / "one.log")
    (home / "run" / "up.part").symlink_to("/dev/full")
    with rig(home, reports=False, one=IDLE) as up:
        assert eventually(lambda: is_up(home))
        (home / "run" / "up.part").unlink()
        first = up.pid("one")
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: up.pid("one") != first)
        assert up.end() == 0
