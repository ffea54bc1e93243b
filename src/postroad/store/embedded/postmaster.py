"""PostgreSQL's first process: its pid file, whether it lives, how it is told to end."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import psutil

from postroad.store.embedded.locks import wait_until


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What postmaster.pid says of a server whose process was seen to live."""

    pid: int
    run_directory: Path
    port: int
    is_ready: bool
    is_stopping: bool = False
    """Told to end: it lets no new session in, and waits for those there are, for ever."""

    @property
    def socket(self) -> Path:
        return self.run_directory / f".s.PGSQL.{self.port}"


def find_postmaster(data: Path) -> Postmaster | None:
    """The live server of this data directory; None when the pid file is stale or not there.

    A pid alone proves nothing: it may be a zombie's, or after a reboot another
    program's. The process must be a PostgreSQL that was given this directory.
    """
    lines = _pid_file_lines(data)
    if len(lines) < 6 or not lines[0].strip().isdecimal():
        return None
    pid = int(lines[0])
    if not _serves(pid, data):
        return None
    state = lines[7].strip() if len(lines) > 7 else ""
    where = Path(lines[4].strip())
    return Postmaster(pid, where, int(lines[3]), state == "ready", state == "stopping")


def _pid_file_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _serves(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        if process.status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}:
            return False
        words = process.cmdline()
    except psutil.Error:
        return False
    if not words or Path(words[0]).name not in {"postgres", "postmaster"}:
        return False
    return str(data) in words or _works_in(process, data)


def _works_in(process: psutil.Process, data: Path) -> bool:
    """For a server that was started by hand, under another name of the directory."""
    try:
        return Path(process.cwd()) == data
    except psutil.Error:  # Root in a container may be refused this of another account.
        return False


def forget_stale_files(data: Path, run_directory: Path) -> None:
    """Removes what a killed server left. Only for one who holds the running lock.

    PostgreSQL itself would refuse to start beside the pid of a zombie, beside
    an empty pid file and beside a pid that another program has by now.
    """
    (data / "postmaster.pid").unlink(missing_ok=True)
    for left in run_directory.glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def end(postmaster: Postmaster, data: Path, patience_seconds: float) -> bool:
    """A fast shutdown, and when that takes too long an immediate one; True when it is gone.

    An immediate shutdown loses nothing: the next start recovers from the log.
    """
    for number, seconds in ((signal.SIGINT, patience_seconds), (signal.SIGQUIT, 10.0)):
        _tell(postmaster.pid, number)
        if wait_until(lambda: not _serves(postmaster.pid, data), seconds):
            return True
    return False


def _tell(pid: int, number: signal.Signals) -> None:
    for each in (number, signal.SIGCONT):
        try:
            os.kill(pid, each)
        except ProcessLookupError:
            return


def left_behind(name: str) -> list[int]:
    """Pids of processes that still bear the cluster's name in their title."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline", "status"])
        if name in " ".join(process.info["cmdline"] or ())
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
