"""Who is up: one supervisor a home, known by a lock that the kernel lets go.

`<home>/run/up.lock` is held while a supervisor lives; `<home>/run/up.json`
says who and where. A lock that is free makes the file a dead one's, whose
children may still be about.
"""

import contextlib
import fcntl
import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ChildState:
    """`started_at` is the kernel's word (seconds since 1970): with the pid it is unmistakable."""

    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class UpState:
    """`children` by name, only those that live; `url` is the console's."""

    pid: int
    url: str
    children: Mapping[str, ChildState] = field(default_factory=dict)


def read_state(home: Path) -> UpState | None:
    """What up.json says, whoever wrote it; None when there is none or it cannot be read."""
    try:
        found = json.loads((home / "run" / "up.json").read_text(encoding="utf-8"))
        children = {name: ChildState(**child) for name, child in found["children"].items()}
        return UpState(found["pid"], found["url"], children)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_state(home: Path, state: UpState) -> None:
    """In one step: a reader sees the old file or the new one."""
    place = home / "run" / "up.json"
    part = place.with_suffix(".part")
    part.write_text(json.dumps(asdict(state)) + "\n", encoding="utf-8")
    part.replace(place)


@contextmanager
def only_one(home: Path, patience_seconds: float = 60) -> Iterator[UpState | None]:
    """Yields None to the one who is to be the supervisor of `home` now, and holds the lock.

    Another who comes meanwhile is given the state of the first, for which it
    waits while that one is still starting. Children of a dead supervisor have
    ended when None is yielded. TimeoutError, with what to do, after the patience.
    """
    make_run_directory(home)
    descriptor = os.open(home / "run" / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        other = _first_or_state(descriptor, home, patience_seconds)
        if other is None:
            end_left_children(home)
            (home / "run" / "up.json").unlink(missing_ok=True)
        yield other
        if other is None:
            (home / "run" / "up.json").unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def make_run_directory(home: Path) -> None:
    """0700 for what is made here; nothing that exists is changed.

    As root the home stays passable: PostgreSQL's account has to reach its data.
    """
    if not home.exists():
        home.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    for name in ("run", "log"):
        (home / name).mkdir(mode=0o700, exist_ok=True)


def _first_or_state(descriptor: int, home: Path, patience_seconds: float) -> UpState | None:
    deadline = time.monotonic() + patience_seconds
    while not _take(descriptor):
        state = read_state(home)
        if state is not None and _lives(state.pid):
            return state
        if time.monotonic() > deadline:
            raise TimeoutError(
                f"Another `postroad up` has been starting for {patience_seconds:.0f} s. "
                f"Look at {home / 'log'}, or end it with `postroad down`, and start again."
            )
        time.sleep(LOOK_SECONDS)
    return None


def _take(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_up(home: Path) -> bool:
    try:
        descriptor = os.open(home / "run" / "up.lock", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return not _take(descriptor)
    finally:
        os.close(descriptor)


def running_state(home: Path) -> UpState | None:
    """The state of the supervisor that lives; None when none does or it is still starting."""
    state = read_state(home) if is_up(home) else None
    return state if state is not None and _lives(state.pid) else None


def _lives(pid: int) -> bool:
    """The file may be a killed one's, which the holder of the lock has not replaced yet."""
    try:
        return psutil.Process(pid).status() not in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.NoSuchProcess:
        return False


def bring_down(home: Path, patience_seconds: float = 60) -> bool:
    """Asks the supervisor to drain and waits for its end; False when none is up.

    TimeoutError, with what to do, when it does not end.
    """
    state = running_state(home)
    if state is None:
        return False
    with contextlib.suppress(ProcessLookupError):
        os.kill(state.pid, signal.SIGTERM)
    if not _wait_until(lambda: not is_up(home), patience_seconds):
        raise TimeoutError(
            f"`postroad up` (pid {state.pid}) did not end within {patience_seconds:.0f} s. "
            f"End it yourself: kill -9 {state.pid}; its children end with it."
        )
    return True


def end_left_children(home: Path, patience_seconds: float = 10) -> None:
    """Waits for what a killed supervisor left to drain, then ends it for good."""
    state = read_state(home)
    groups = [child.pid for child in state.children.values() if is_ours(child)] if state else []
    _wait_until(lambda: not any(map(has_members, groups)), patience_seconds)
    for group in groups:
        kill_group(group, signal.SIGKILL)


def is_ours(child: ChildState) -> bool:
    """The pid may be another program's by now, or the leader of a group whose rest lives on."""
    try:
        began = psutil.Process(child.pid).create_time()
    except psutil.NoSuchProcess:
        return has_members(child.pid)
    return abs(began - child.started_at) < 1


def has_members(group: int) -> bool:
    """Zombies do not count: they hold nothing."""
    return any(_group_of(process) == group for process in psutil.process_iter(["pid", "status"]))


def _group_of(process: psutil.Process) -> int:
    if process.info["status"] in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
        return 0
    try:
        return os.getpgid(process.pid)
    except (ProcessLookupError, PermissionError):
        return 0


def kill_group(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def _wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True
