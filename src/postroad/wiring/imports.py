"""CSV files on their way into the book: kept as uploaded, looked at, imported once.

Part of the composition root. A file lies under the home as `<name>.csv` until it
is imported; what became of it as `<name>.json`, its bad rows as `<name>.bad.csv`.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID, uuid4

from postroad.actions.import_contacts import Imported, import_contacts
from postroad.core.contact import PutCounts
from postroad.core.contact_csv import BadRow, GoodRow, HeaderFault, Layout, open_contacts
from postroad.core.csv_records import NotText
from postroad.core.saved import Gone, Refused
from postroad.store.writes import contact as contact_writes
from postroad.wiring.book import KNOWN_ZONES

PREVIEWED: Final = 20
KEPT_SECONDS: Final = 30 * 24 * 3600
"""How long uploads and lists of bad rows are kept."""

GONE: Final = Gone("This file is not kept any more: choose it again.")


@dataclass(frozen=True, slots=True)
class Preview:
    """The beginning of a file, as it will be. `size` in octets."""

    name: str
    size: int
    layout: Layout
    rows: tuple[GoodRow | BadRow, ...]


@dataclass(frozen=True, slots=True)
class ShownRow:
    line: int
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """What an import came to; `shown` are its first bad rows, the file has all."""

    name: str
    counts: PutCounts
    bad_rows: int
    shown: tuple[ShownRow, ...]


class Imports:
    """Everything is named by a random key, so that no name of a file becomes a path."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "imports"

    def keep(self, chunks: Iterable[bytes], name: str) -> UUID:
        """Writes an upload down, for this account's eyes only; its key."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._forget_old()
        key = uuid4()
        part = self._file(key, "part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                file.write(chunk)
        self._file(key, "name").write_text(name[:200], encoding="utf-8")
        part.rename(self._file(key, "csv"))
        return key

    def preview(self, key: UUID) -> Preview | Refused | Gone:
        """Columns and the first rows; nothing is entered."""
        try:
            with self._file(key, "csv").open("rb") as file:
                opened = open_contacts(file, KNOWN_ZONES)
                if isinstance(opened, HeaderFault):
                    return Refused({"file": opened.text})
                rows = tuple(islice(opened.rows, PREVIEWED))
                size = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            return GONE
        except NotText as refusal:
            return Refused({"file": str(refusal)})
        return Preview(self._name(key), size, opened.layout, rows)

    def run(self, key: UUID, tags: Sequence[str], actor: str) -> Finished | Refused | Gone:
        """Enters the good rows, lists the bad ones. Asked twice, it answers what it came to."""
        try:
            file = self._file(key, "csv").open("rb")
        except FileNotFoundError:
            return self.finished(key) or GONE
        with file:
            # Pressed twice: the second waits, and is told what the first came to.
            fcntl.flock(file, fcntl.LOCK_EX)
            return self.finished(key) or self._import(key, file, tags, actor)

    def _import(
        self, key: UUID, file: BinaryIO, tags: Sequence[str], actor: str
    ) -> Finished | Refused:
        bad_part = self._file(key, "bad.part")
        with bad_part.open("w", encoding="utf-8", newline="") as bad_file:
            bad_part.chmod(0o600)
            outcome = import_contacts(contact_writes, file, bad_file, KNOWN_ZONES, tags, actor)
        if isinstance(outcome, Refused):
            bad_part.unlink()
            return outcome
        bad_part.rename(self._file(key, "bad.csv"))
        done = self._write_down(key, outcome)
        self._file(key, "csv").unlink(missing_ok=True)
        return done

    def finished(self, key: UUID) -> Finished | None:
        try:
            kept = json.loads(self._file(key, "json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        shown = tuple(ShownRow(**row) for row in kept["shown"])
        return Finished(kept["name"], PutCounts(**kept["counts"]), kept["bad_rows"], shown)

    def bad_file(self, key: UUID) -> bytes | None:
        """All bad rows as CSV, each with its line and reason."""
        try:
            return self._file(key, "bad.csv").read_bytes()
        except FileNotFoundError:
            return None

    def forget(self, key: UUID) -> None:
        """Nothing of this upload is kept."""
        for end in ("csv", "name"):
            self._file(key, end).unlink(missing_ok=True)

    def _write_down(self, key: UUID, outcome: Imported) -> Finished:
        done = Finished(
            self._name(key),
            outcome.counts,
            outcome.bad_rows,
            tuple(
                ShownRow(row.line, row.reason, ", ".join(row.cells)[:400]) for row in outcome.shown
            ),
        )
        part = self._file(key, "json.part")
        part.write_text(json.dumps(asdict(done)), encoding="utf-8")
        part.rename(self._file(key, "json"))
        return done

    def _name(self, key: UUID) -> str:
        try:
            return self._file(key, "name").read_text(encoding="utf-8")
        except FileNotFoundError:
            return "people.csv"

    def _file(self, key: UUID, end: str) -> Path:
        return self._folder / f"{key.hex}.{end}"

    def _forget_old(self) -> None:
        before = time.time() - KEPT_SECONDS
        for path in self._folder.iterdir():
            if path.stat().st_mtime < before:
                path.unlink(missing_ok=True)
