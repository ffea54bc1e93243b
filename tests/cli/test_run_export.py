import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from postroad.cli.run_export import export
from postroad.cli.starting import Refusal


@dataclass(frozen=True)
class Row:
    n: int
    address: str
    state: str = "accepted"
    attempt: int = 1
    message_id: str = "m@example.org"


HOSTILE = ["=1+1@example.org", "+a@example.org", "-b@example.org", "@c", "\td@x", "\re@x"]


def test_a_csv_can_start_no_formula_and_reads_back(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    rows = [Row(n, address) for n, address in enumerate([*HOSTILE, 'ö,"x"@example.org'], start=1)]
    assert export(rows, "csv", file) == 7
    with file.open(encoding="utf-8", newline="") as lines:
        header, *read = csv.reader(lines)
    assert header == ["number", "address", "state", "attempt", "message_id"]
    assert [row[1] for row in read] == ["'" + bad for bad in HOSTILE] + ['ö,"x"@example.org']
    assert read[0][4] == "<m@example.org>"


def test_json_lines_are_a_delivery_each(capsys: pytest.CaptureFixture[str]) -> None:
    export([Row(1, "ä@example.org"), Row(2, "=b@example.org", "dead", 3)], "jsonl", None)
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["address"] == "ä@example.org"
    assert second == {
        "number": 2,
        "address": "=b@example.org",
        "state": "dead",
        "attempt": 3,
        "message_id": "<m@example.org>",
    }


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    file.write_text("as it was")

    def broken() -> io.StringIO:
        raise OSError(28, "No space left on device")

    rows = (row if row.n == 1 else broken() for row in (Row(1, "a@x"), Row(2, "b@x")))
    with pytest.raises(Refusal, match="No space left on device"):
        export(rows, "csv", file)  # type: ignore[arg-type] # The second row fails.
    assert file.read_text() == "as it was"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="choose another place"):
        export([], "csv", tmp_path / "none" / "out.csv")
