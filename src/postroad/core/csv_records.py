"""Records of a CSV file (RFC 4180), streamed, with the line each began on.

A record that cannot be read costs its first line only: reading goes on with
the next, so that one stray quote does not swallow the rest of a file.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

MAX_LINE = 1_000_000
"""Octets of one physical line."""
MAX_RECORD_LINES = 1_000
"""Physical lines of one record, line breaks inside quotes."""


class NotText(Exception):
    """The file is not UTF-8 text; the message names line and octet and says what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """Where it began, from 1."""
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadRecord:
    line: int
    text: str
    """The physical line as it came, without its end."""
    reason: str


def decoded_lines(file: BinaryIO) -> Iterator[str]:
    """Physical lines with their ends as they came, a byte order mark taken off.

    Lone CRs end lines too. No more than one line is held in memory. Raises
    NotText at the first octet that is no UTF-8 and at NUL, which no text contains.
    """
    number = 0
    for raw in iter(partial(file.readline, MAX_LINE + 1), b""):
        for line in _at_lone_returns(raw):
            number += 1
            yield _decoded(line, number)


def _at_lone_returns(raw: bytes) -> list[bytes]:
    if b"\r" not in raw[:-2]:
        return [raw]
    return re.split(rb"(?<=\r)(?!\n)(?=.)", raw, flags=re.DOTALL)


def _decoded(raw: bytes, number: int) -> str:
    if number == 1:
        if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise NotText("The file is UTF-16: save it as CSV UTF-8 and upload that.")
        raw = raw.removeprefix(b"\xef\xbb\xbf")
    if len(raw) > MAX_LINE:
        raise NotText(
            f"Line {number} is longer than {MAX_LINE:,} octets, so this is no table:"
            " save it as CSV UTF-8 and upload that."
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        octet = raw[error.start]
        raise NotText(
            f"The file is not UTF-8: line {number}, octet {error.start + 1} is 0x{octet:02X}."
            " Save it as CSV UTF-8 and upload that."
        ) from None
    if "\0" in text:
        raise NotText(
            f"Line {number}, character {text.index(chr(0)) + 1} is NUL, which no text contains:"
            " save the table as CSV UTF-8 and upload that."
        )
    return text


def delimiter_of(header: str) -> str:
    """Comma, semicolon or tab: whichever the header has most of outside quotes."""
    plain = re.sub(r'"[^"]*"', "", header)
    return max(",;\t", key=plain.count)


def read_records(lines: Iterable[str], delimiter: str) -> Iterator[Record | BadRecord]:
    """Every record in order; blank lines are passed over."""
    feed = _Feed(iter(lines))
    while True:
        reader = csv.reader(feed, delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                begun = feed.take()
                if cells:
                    yield Record(begun, tuple(cells))
            return
        except csv.Error as error:
            line, text = feed.go_back()
            yield BadRecord(line, text.rstrip("\r\n"), _reason(str(error)))


def _reason(error: str) -> str:
    if "unexpected end" in error or "field larger" in error:
        return "has a quote that never closes: close it, or take it out."
    if "expected after" in error:
        return (
            "has text behind a closing quote: double the quotes inside a value, or take them out."
        )
    return f"cannot be read ({error}): mend it."


def spreadsheet_safe(cell: str) -> str:
    """The cell for an export, guarded by ' where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


class _Feed:
    """Hands lines to the reader and remembers those of the record at hand."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: deque[str] = deque()
        self._record: list[str] = []
        self._begun = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._record) >= MAX_RECORD_LINES:
            raise csv.Error("field larger than allowed")
        line = self._again.popleft() if self._again else next(self._lines)
        self._record.append(line)
        return line

    def take(self) -> int:
        """The record at hand is done; the line it began on."""
        begun = self._begun
        self._begun += len(self._record)
        self._record.clear()
        return begun

    def go_back(self) -> tuple[int, str]:
        """Gives up the first line of the record at hand; the others come again."""
        bad = self._record[0] if self._record else ""
        self._again.extendleft(reversed(self._record[1:]))
        self._record.clear()
        begun = self._begun
        self._begun += 1
        return begun, bad
