"""Keeps web and workers alive, and ends them when told, or when it is ended itself.

No process of the product depends on the supervisor for correctness: it only
starts what died. The database is not its child (see postroad.store.embedded).
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

import psutil

from postroad.cli import supervise_child
from postroad.cli.supervise_state import (
    ChildState,
    UpState,
    kill_group,
    make_run_directory,
    write_state,
)

FIRST_BACK_OFF_SECONDS = 0.5
LONGEST_BACK_OFF_SECONDS = 30.0
SETTLED_SECONDS = 30.0
"""A child that lived this long starts anew without a delay when it dies."""

STATE_AGAIN_SECONDS = 1.0
"""Until a state that the disk did not take is written again."""

LOG_OCTETS_KEPT = 10_000_000


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """`name` is unique and names the log; `env` is added to our own environment."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildStarted:
    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class ChildDied:
    """`code` is the exit code, or the negative number of the signal that killed it."""

    name: str
    pid: int
    code: int
    again_in_seconds: float


@dataclass(frozen=True, slots=True)
class ChildLeft:
    """It was let go, and has ended."""

    name: str
    pid: int
    code: int


@dataclass(frozen=True, slots=True)
class Draining:
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildKilled:
    """It did not end within the grace time."""

    name: str
    pid: int


Event = ChildStarted | ChildDied | ChildLeft | Draining | ChildKilled


@dataclass(slots=True)
class _Child:
    spec: ChildSpec
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    began: float = 0
    due: float = 0
    back_off_seconds: float = 0
    is_leaving: bool = False


class Supervisor:
    """Runs the children of one `postroad up` from its main thread, until told to stop.

    The caller holds the lock of `supervise_state.only_one`. `report` hears what
    happens (default: a line in <home>/log/up.log).
    """

    def __init__(
        self,
        specs: Sequence[ChildSpec],
        home: Path,
        *,
        url: str = "",
        clock: Callable[[], float] = time.monotonic,
        grace_seconds: float = 25,
        report: Callable[[Event], None] | None = None,
    ) -> None:
        make_run_directory(home)
        logs = home / "log"
        self._children = [_Child(spec, logs / f"{spec.name}.log") for spec in specs]
        self._home = home
        self._url = url
        self._clock = clock
        self._grace_seconds = grace_seconds
        self._report = report or (lambda event: _write_line(logs / "up.log", event))
        self._stops_asked = 0
        self._is_state_old = False
        self._wishes: deque[Callable[[], None]] = deque()
        self._woken, self._wake = socket.socketpair()
        for end in (self._woken, self._wake):
            end.setblocking(False)

    def request_stop(self) -> None:
        """Begins the drain; asked again, it ends the grace time. From any thread."""
        self._stops_asked += 1
        with contextlib.suppress(OSError):  # It has ended already.
            self._wake.send(b"s")

    def add(self, spec: ChildSpec) -> None:
        """One child more, from any thread; its name is not that of another that lives."""
        self._wish(
            lambda: self._children.append(_Child(spec, self._home / "log" / f"{spec.name}.log"))
        )

    def let_go(self, name: str) -> None:
        """SIGTERM to a child, which takes its time and is not started again. From any thread."""
        self._wish(lambda: self._let_go(name))

    def _wish(self, wish: Callable[[], None]) -> None:
        self._wishes.append(wish)
        with contextlib.suppress(OSError):  # It has ended already, or is full and so awake.
            self._wake.send(b"w")

    def pids(self) -> dict[str, int]:
        """Of the children that live and stay, by name. From any thread."""
        return {
            child.spec.name: process.pid
            for child in list(self._children)
            if (process := child.process) is not None and not child.is_leaving
        }

    def names(self) -> set[str]:
        """Of all children, those too that leave. From any thread."""
        return {child.spec.name for child in list(self._children)}

    def run(self) -> None:
        """Starts the children and keeps them alive until SIGTERM, SIGINT or `request_stop`.

        Then SIGTERM to all, the grace time, SIGKILL to the rest. A second
        SIGINT ends the grace time. Nothing that was started lives afterwards.
        """
        for child in self._children:
            _rotate(child.log)
        with self._signals():
            try:
                while not self._stops_asked:
                    while self._wishes:
                        self._wishes.popleft()()
                    self._start_due()
                    self._wait(self._seconds_to_next_look())
                    self._reap()
            finally:
                self._drain()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals wake the loop: SIGCHLD to reap, the others to stop."""
        before = {
            number: signal.signal(number, self._on_signal)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
        }
        woke = signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(woke)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._woken.close()
            self._wake.close()

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGCHLD:
            self._stops_asked += 1

    def _wait(self, seconds: float | None) -> None:
        if select.select([self._woken], [], [], seconds)[0]:
            self._woken.recv(4096)

    def _start_due(self) -> None:
        now = self._clock()
        due = [child for child in self._children if child.process is None and child.due <= now]
        for child in due:
            self._start(child)
        if due or self._is_state_old:
            self._write_state()

    def _start(self, child: _Child) -> None:
        tie = [sys.executable, "-I", "-S", supervise_child.__file__, str(os.getpid())]
        with _opened(child.log) as output:
            child.process = subprocess.Popen(
                [*tie, *child.spec.argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={**os.environ, **child.spec.env},
                start_new_session=True,
            )
        child.began = self._clock()
        self._report(ChildStarted(child.spec.name, child.process.pid))

    def _let_go(self, name: str) -> None:
        for child in self._children:
            if child.spec.name == name:
                child.is_leaving = True
                _signal(child, signal.SIGTERM)
        self._children = [each for each in self._children if each.process or not each.is_leaving]

    def _reap(self) -> None:
        has_died = False
        for child in list(self._children):
            process = child.process
            if process is None or (code := process.poll()) is None:
                continue
            has_died = True
            # What it had started itself would keep its port.
            kill_group(process.pid, signal.SIGKILL)
            if child.is_leaving:
                self._children.remove(child)
                self._report(ChildLeft(child.spec.name, process.pid, code))
                continue
            self._plan_restart(child)
            again = max(0.0, child.due - self._clock())
            self._report(ChildDied(child.spec.name, process.pid, code, again))
        if has_died:
            self._write_state()

    def _plan_restart(self, child: _Child) -> None:
        now = self._clock()
        if now - child.began >= SETTLED_SECONDS:
            child.back_off_seconds = 0
        child.process = None
        child.due = now + child.back_off_seconds
        doubled = max(FIRST_BACK_OFF_SECONDS, 2 * child.back_off_seconds)
        child.back_off_seconds = min(doubled, LONGEST_BACK_OFF_SECONDS)

    def _seconds_to_next_look(self) -> float | None:
        waits = [child.due - self._clock() for child in self._children if child.process is None]
        waits += [STATE_AGAIN_SECONDS] * self._is_state_old
        return max(0.0, min(waits)) if waits else None

    def _write_state(self) -> None:
        children = {
            child.spec.name: ChildState(child.process.pid, _started_at(child.process.pid))
            for child in self._children
            if child.process is not None
        }
        try:
            write_state(self._home, UpState(os.getpid(), self._url, children))
            self._is_state_old = False
        except OSError:  # A full disk: once more later.
            self._is_state_old = True

    def _drain(self) -> None:
        live = [child for child in self._children if child.process is not None]
        self._report(Draining(tuple(child.spec.name for child in live)))
        for child in live:
            _signal(child, signal.SIGTERM)
        asked = self._stops_asked
        deadline = self._clock() + self._grace_seconds
        while any(map(_is_live, live)) and self._stops_asked <= asked:
            seconds = deadline - self._clock()
            if seconds <= 0:
                break
            self._wait(seconds)
        for child in live:
            self._end(child)

    def _end(self, child: _Child) -> None:
        process = child.process
        if process is None:
            return
        if _is_live(child):
            self._report(ChildKilled(child.spec.name, process.pid))
        kill_group(process.pid, signal.SIGKILL)
        process.wait()
        child.process = None


def _is_live(child: _Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _signal(child: _Child, number: signal.Signals) -> None:
    """A stopped child is set going, so that it can drain."""
    if child.process is not None:
        child.process.send_signal(number)
        child.process.send_signal(signal.SIGCONT)


def _started_at(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return 0.0


def _rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_OCTETS_KEPT:
        log.replace(log.with_name(log.name + ".1"))


def _opened(log: Path) -> IO[bytes]:
    """A disk that has no place for a new log costs the log, and not the child."""
    try:
        return log.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


def _write_line(log: Path, event: Event) -> None:
    with contextlib.suppress(OSError), log.open("a", encoding="utf-8") as lines:
        lines.write(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {event}\n")
