"""`postroad run export`: every delivery of a run, as CSV or as JSON lines."""

import csv
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol, TextIO

from postroad.cli.starting import Refusal
from postroad.core.csv_records import spreadsheet_safe

Format = Literal["csv", "jsonl"]
COLUMNS = ("number", "address", "state", "attempt", "message_id")


class Row(Protocol):
    @property
    def n(self) -> int: ...
    @property
    def address(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def attempt(self) -> int: ...
    @property
    def message_id(self) -> str: ...


def export(rows: Iterable[Row], form: Format, output: Path | None) -> int:
    """How many were written. A file appears whole or not at all."""
    write = _write_csv if form == "csv" else _write_json
    if output is None:
        return write(rows, sys.stdout)
    with _whole_file(output) as file:
        return write(rows, file)


def _write_csv(rows: Iterable[Row], file: TextIO) -> int:
    """Cells that a spreadsheet would take for a formula are guarded."""
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow(COLUMNS)
    count = 0
    for row in rows:
        address, message_id = spreadsheet_safe(row.address), f"<{row.message_id}>"
        table.writerow((row.n, address, row.state, row.attempt, message_id))
        count += 1
    return count


def _write_json(rows: Iterable[Row], file: TextIO) -> int:
    count = 0
    for row in rows:
        cells = (row.n, row.address, row.state, row.attempt, f"<{row.message_id}>")
        line = json.dumps(dict(zip(COLUMNS, cells, strict=True)), ensure_ascii=False)
        file.write(line + "\n")
        count += 1
    return count


@contextmanager
def _whole_file(output: Path) -> Iterator[TextIO]:
    """Written beside its place, durable, and put there in one step."""
    part = output.with_name(f"{output.name}.{os.getpid()}.part")
    try:
        with part.open("x", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(output)
    except OSError as error:
        raise Refusal(
            f"{output} cannot be written: {error.strerror or error}. "
            "Free some space or choose another place."
        ) from None
    finally:
        part.unlink(missing_ok=True)
