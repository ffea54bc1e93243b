"""A worker's own account of its mails: a line before each final dot, one after each reply.

A line is in the kernel's page cache before the dot is on the wire. A killed
process loses nothing of that, so nothing is synced to the disk: of a machine
that lost its power, a missing line proves nothing anyway.

    postroad-ledger 1 <boot> <worker> <installation> <inode>
    . <run> <n> <attempt> <batch> <claim> <place>      the final dot comes next
    = <run> <batch> {fact}                             the reply was read
"""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from postroad.core.ids import BatchId, RunId, WorkerId
from postroad.engine.facts import FactRow

_log = structlog.get_logger()
VERSION = 1
LARGEST = 1 << 20
"""Octets; beyond, the file is written anew with what is not yet recorded."""
RETRY_SECONDS = 5.0
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Dot:
    """A mail at the moment before its final dot."""

    run: RunId
    n: int
    attempt: int
    batch: BatchId
    claim: int
    place: int


class Ledger(Protocol):
    """What the sending engine tells its ledger; none of it waits for the database."""

    @property
    def trouble(self) -> str:
        """Why no ledger is kept just now; '' when all is well."""
        ...

    def dot(self, dot: Dot) -> bool:
        """The write with the final dot comes next. False: it must not."""
        ...

    def replied(self, run: RunId, batch: BatchId, fact: FactRow) -> None:
        """An outcome was read."""
        ...

    def recorded(self, run: RunId, facts: Iterable[FactRow]) -> None:
        """The database has these; the ledger need not keep them."""
        ...

    def close(self) -> None:
        """The worker ends in order."""
        ...


class NoLedger:
    trouble = ""

    def dot(self, dot: Dot) -> bool:  # noqa: ARG002 - nothing is kept.
        return True

    def replied(self, run: RunId, batch: BatchId, fact: FactRow) -> None:
        """Nothing is kept."""

    def recorded(self, run: RunId, facts: Iterable[FactRow]) -> None:
        """Nothing is kept."""

    def close(self) -> None:
        """Nothing is kept."""


class FileLedger:
    """Locked while its worker lives: a ledger that can be locked is a dead worker's.

    A missing line must mean that the dot was not sent. So a file that takes no
    more lines is removed at once and mails go on without it; with space again a
    new file begins with all that is not yet recorded. Where it can't even be
    removed no mail may go out: its missing lines would lie.
    """

    def __init__(self, directory: Path, worker: WorkerId, installation: UUID) -> None:
        self.path = directory / str(worker)
        self.trouble = ""
        self._installation = installation
        self._file = -1
        self._size = 0
        self._retry_at = 0.0
        self._open: dict[tuple[RunId, int, int], bytes] = {}
        """Lines of mails whose outcome is not recorded."""
        self._newest = b""
        """The last dot: by it an older database is known."""
        self._replies: list[bytes] = []
        self._begin()

    def dot(self, dot: Dot) -> bool:
        line = b". %d %d %d %d %d %d\n" % (
            dot.run, dot.n, dot.attempt, dot.batch, dot.claim, dot.place,
        )  # fmt: skip
        key = (dot.run, dot.n, dot.attempt)
        self._open[key] = self._newest = line
        if self._file < 0 and time.monotonic() >= self._retry_at:
            self._begin()
        elif self._file >= 0:
            self._append(line)
        if self._may_lie:
            del self._open[key]
        return not self._may_lie

    def replied(self, run: RunId, batch: BatchId, fact: FactRow) -> None:
        line = b"= %d %d %b\n" % (run, batch, _encode(fact))
        key = (run, fact.n, fact.attempt)
        self._open[key] = self._open.get(key, b"") + line
        if not self._replies:
            # With the next dot, or at the end of this turn of the loop.
            asyncio.get_running_loop().call_soon(self._flush)
        self._replies.append(line)

    def recorded(self, run: RunId, facts: Iterable[FactRow]) -> None:
        for fact in facts:
            self._open.pop((run, fact.n, fact.attempt), None)
        if self._size > LARGEST and self._file >= 0:
            self._begin()

    def close(self) -> None:
        """Removed where all is recorded; otherwise it lies there for whoever comes next."""
        self._flush()
        if not self._open:
            self.path.unlink(missing_ok=True)
        self._let_go()

    @property
    def _may_lie(self) -> bool:
        """The file lacks lines and could not be removed."""
        return self._file < 0 and self.path.exists()

    def _flush(self) -> None:
        if self._replies and self._file >= 0:
            self._append(b"")
        self._replies.clear()

    def _append(self, line: bytes) -> None:
        octets = b"".join((*self._replies, line)) if self._replies else line
        self._replies.clear()
        try:
            _write(self._file, octets)
        except OSError as error:
            self._give_up(error)
        else:
            self._size += len(octets)

    def _begin(self) -> None:
        """A new file with all that is not yet recorded, in place of the old one."""
        part = self.path.with_suffix(".part")
        octets = b"".join((*self._open.values(), self._newest))
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                head = f"{self._head} {os.fstat(file).st_ino}\n".encode()
                _write(file, head + octets)
                part.replace(self.path)
            except OSError:
                os.close(file)
                raise
        except OSError as error:
            self._give_up(error)
            with contextlib.suppress(OSError):
                part.unlink()
            return
        self._let_go()
        self._file, self._size = file, len(octets)
        self._replies.clear()
        if self.trouble:
            _log.info("ledger_kept_again", file=str(self.path))
        self.trouble = ""

    @property
    def _head(self) -> str:
        worker = self.path.name
        return f"postroad-ledger {VERSION} {boot_id()} {worker} {self._installation}"

    def _give_up(self, error: OSError) -> None:
        """Go on without: first of all, what lacks a line must not be believed."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._let_go()
        self._replies.clear()
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if not self.trouble:
            _log.warning("ledger_not_kept", file=str(self.path), cause=str(error))
        self.trouble = f"{self.path}: {error.strerror or error}"

    def _let_go(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1


def _write(file: int, octets: bytes) -> None:
    if os.write(file, octets) != len(octets):
        raise OSError(None, "only a part of the line could be written")


def boot_id() -> str:
    """Names this boot of this machine; '' where the system has no such name."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return "-"
