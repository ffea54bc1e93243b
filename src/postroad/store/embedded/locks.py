"""Locks that the kernel lets go when their holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 0.02


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Looks 50 times a second until `holds()` or the time is over; says whether it held.

    For what nobody announces: the end of a process that is not our child, a
    lock let go by the kernel, a line in PostgreSQL's pid file.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() >= deadline:
            return False
        time.sleep(LOOK_SECONDS)
    return True


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[bool]:
    """Holds the lock file exclusively; yields False when it was not got in time."""
    descriptor = open_lock(path)
    try:
        yield wait_until(lambda: take(descriptor), seconds)
    finally:
        os.close(descriptor)


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def take(descriptor: int) -> bool:
    """Takes the lock at once or not at all. Held by every process that has the open file."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_held(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
