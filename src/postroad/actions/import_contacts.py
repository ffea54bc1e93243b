"""People from a CSV file into the book, streamed in one transaction."""

import csv
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO

from postroad.core.contact import Known, NewContact, PutCounts, clean_tags, tags_fault
from postroad.core.contact_csv import (
    BadRow,
    ContactFile,
    GoodRow,
    HeaderFault,
    Layout,
    open_contacts,
)
from postroad.core.csv_records import NotText, spreadsheet_safe
from postroad.core.saved import Refused

from .add_contacts import ContactStore

SHOWN_BAD_ROWS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """The good rows are in. `shown` are the first bad ones; all are in the file handed in."""

    counts: PutCounts
    bad_rows: int
    shown: tuple[BadRow, ...]
    layout: Layout


@dataclass(slots=True)
class _BadRows:
    """Writes bad rows down as they come, so that any number of them costs no memory."""

    file: TextIO
    headers: tuple[str, ...]
    count: int = 0
    shown: list[BadRow] = field(default_factory=list)

    def begin(self) -> None:
        self._write(("line", "reason", *self.headers))

    def take(self, row: BadRow) -> None:
        self.count += 1
        if len(self.shown) < SHOWN_BAD_ROWS:
            self.shown.append(row)
        self._write((str(row.line), row.reason, *row.cells))

    def _write(self, cells: Sequence[str]) -> None:
        csv.writer(self.file).writerow([spreadsheet_safe(cell) for cell in cells])


def import_contacts(
    store: ContactStore,
    file: BinaryIO,
    bad_file: TextIO,
    known_zones: Container[str],
    tags: Sequence[str],
    actor: str,
) -> Imported | Refused:
    """Every good row goes in, every bad one into `bad_file` (CSV) with its line and reason.

    People in the book get what the file gives; an empty cell changes nothing.
    A file that is no UTF-8 text or has no column of addresses leaves the book
    as it was. The same file again adds nobody.
    """
    wanted = clean_tags(tags)
    fault = tags_fault(wanted)
    if fault:
        return Refused({"tags": fault})
    try:
        opened = open_contacts(file, known_zones)
        if isinstance(opened, HeaderFault):
            return Refused({"file": opened.text})
        return _put(store, opened, bad_file, wanted, actor)
    except NotText as refusal:
        return Refused({"file": str(refusal)})


def _put(
    store: ContactStore,
    opened: ContactFile,
    bad_file: TextIO,
    tags: tuple[str, ...],
    actor: str,
) -> Imported:
    bad = _BadRows(bad_file, opened.layout.headers)
    bad.begin()
    counts = store.put_contacts(_good(opened.rows, bad), Known.UPDATE, tags, actor)
    return Imported(counts, bad.count, tuple(bad.shown), opened.layout)


def _good(rows: Iterator[GoodRow | BadRow], bad: _BadRows) -> Iterator[NewContact]:
    for row in rows:
        if isinstance(row, GoodRow):
            yield row.contact
        else:
            bad.take(row)
