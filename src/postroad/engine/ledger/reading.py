"""What a dead worker's ledger says."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import msgspec

from postroad.core.ids import BatchId, RunId, WorkerId
from postroad.engine.facts import FactRow
from postroad.engine.ledger.writing import VERSION, Dot, boot_id

_HEAD_WORDS = 6
_decode = msgspec.json.Decoder(FactRow).decode


@dataclass(frozen=True, slots=True)
class Left:
    """A dead worker's ledger, as far as it can be read.

    `is_whole`: of this boot and not a copy, so that a mail without a line was
    not sent. Torn and foreign lines are passed over.
    """

    worker: WorkerId
    installation: UUID
    is_whole: bool
    dots: list[Dot] = field(default_factory=list)
    facts: dict[tuple[RunId, BatchId], list[FactRow]] = field(default_factory=dict)

    @property
    def proven(self) -> set[tuple[RunId, int, int]]:
        """Tries that may have gone out."""
        answered = {
            (run, fact.n, fact.attempt)
            for (run, _batch), facts in self.facts.items()
            for fact in facts
        }
        return answered | {(dot.run, dot.n, dot.attempt) for dot in self.dots}


@contextmanager
def claimed(path: Path) -> Iterator[int | None]:
    """The open file, locked, of a ledger whose worker is dead; None where it lives."""
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Handed in and removed by another while we opened it, or written anew.
        is_it = path.exists() and path.stat().st_ino == os.fstat(file).st_ino
        yield file if is_it else None
    except BlockingIOError:
        yield None
    finally:
        os.close(file)


def read(file: int) -> Left | None:
    """None where it is no ledger, or one that this version does not know."""
    with os.fdopen(os.dup(file), "rb") as lines:
        left = _head(lines.readline(), os.fstat(file).st_ino)
        if left is None:
            return None
        for line in lines:
            if line.endswith(b"\n"):
                _take(left, line)
        return left


def _head(line: bytes, inode: int) -> Left | None:
    words = line.decode("ascii", "replace").split()
    if len(words) != _HEAD_WORDS or words[:2] != ["postroad-ledger", str(VERSION)]:
        return None
    try:
        worker, installation = UUID(words[3]), UUID(words[4])
    except ValueError:
        return None
    is_whole = words[2] == boot_id() != "-" and words[5] == str(inode)
    return Left(WorkerId(worker), installation, is_whole)


def _take(left: Left, line: bytes) -> None:
    with contextlib.suppress(ValueError, TypeError, msgspec.DecodeError):
        if line.startswith(b". "):
            run, n, attempt, batch, claim, place = map(int, line[2:].split())
            left.dots.append(Dot(RunId(run), n, attempt, BatchId(batch), claim, place))
        elif line.startswith(b"= "):
            _, run_word, batch_word, fact = line.split(b" ", 3)
            key = RunId(int(run_word)), BatchId(int(batch_word))
            left.facts.setdefault(key, []).append(_decode(fact))
