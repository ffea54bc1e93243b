"""What can go wrong with the embedded server, in words for people."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OR_A_DSN = "or set DATABASE_URL to a PostgreSQL of your own"


class EmbeddedFault(Exception):
    """The embedded PostgreSQL could not be started, reached or stopped.

    `str()` is for people and ends with what to do; `cause` is for the log.
    `is_temporary` says whether the same call may work a little later.
    """

    def __init__(self, text: str, *, cause: str = "", is_temporary: bool = False) -> None:
        super().__init__(text)
        self.cause = cause
        self.is_temporary = is_temporary


@contextmanager
def told_as_fault(place: Path) -> Iterator[None]:
    """Turns an OSError that happens at `place` into an EmbeddedFault."""
    try:
        yield
    except OSError as error:
        raise fault_of(error, place) from error


def fault_of(error: OSError, place: Path) -> EmbeddedFault:
    cause = str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return disk_full(place, cause)
    if error.errno in {errno.EACCES, errno.EPERM}:
        return EmbeddedFault(
            f"{who()} may not write {error.filename or place}. Give it that directory, "
            f"or set POSTROAD_HOME to one of its own.",
            cause=cause,
        )
    if error.errno == errno.EROFS:
        return EmbeddedFault(
            f"{place} is on a read-only file system. "
            f"Set POSTROAD_HOME to a directory that can be written, {OR_A_DSN}.",
            cause=cause,
        )
    return EmbeddedFault(
        f"{place}: {error.strerror or error}. Mend that and start again, {OR_A_DSN}.", cause=cause
    )


def disk_full(place: Path, cause: str) -> EmbeddedFault:
    existing = next(path for path in (place, *place.parents) if path.exists())
    free = shutil.disk_usage(existing).free // 1_000_000
    return EmbeddedFault(
        f"The disk that holds {place} is full ({free} MB left). "
        f"Free some space and start again; nothing is lost.",
        cause=cause,
        is_temporary=True,
    )


def who() -> str:
    return "root" if os.geteuid() == 0 else f"This account (uid {os.geteuid()})"


def fault_of_log(tail: str, data: Path, log: Path) -> EmbeddedFault:
    """The reason why PostgreSQL gave up, from the last lines of its log."""
    if "No space left on device" in tail or "Disk quota exceeded" in tail:
        return disk_full(data, tail)
    if "Cannot allocate memory" in tail or "could not map anonymous shared memory" in tail:
        return EmbeddedFault(
            f"PostgreSQL did not get the memory it needs (about 200 MB). "
            f"Close something or raise the limit and start again, {OR_A_DSN}.",
            cause=tail,
            is_temporary=True,
        )
    if "Permission denied" in tail:
        return EmbeddedFault(
            f"PostgreSQL may not use its files in {data}. "
            f"Give them back to the account they belong to; {log} names the file.",
            cause=tail,
        )
    shown = "\n".join(f"  {line}" for line in tail.splitlines()[-5:])
    return EmbeddedFault(
        f"PostgreSQL did not start. Its log {log} ends:\n{shown}\n"
        f"Mend that and start again, {OR_A_DSN}.",
        cause=tail,
    )
