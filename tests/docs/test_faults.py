"""Every numbered fault has a test that carries its number, and the table names its file."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NUMBERS = set(range(1, 26))
WITHOUT_SUBJECT = {20, 23}


def test_every_fault_has_a_test() -> None:
    assert {number for number, _file in marks()} >= NUMBERS - WITHOUT_SUBJECT


def test_the_table_names_the_file_of_every_such_test() -> None:
    assert listed() == set(marks())


def marks() -> Iterator[tuple[int, str]]:
    """Each number with the file of a test that carries it, by decorator or `pytestmark`."""
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                for number in node.args:
                    assert isinstance(number, ast.Constant), f"{file}: a number, please"
                    assert isinstance(number.value, int), f"{file}: a number, please"
                    yield number.value, str(file.relative_to(ROOT))


def listed() -> set[tuple[int, str]]:
    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \|(.*)$", text, re.MULTILINE)
    assert [int(number) for number, _row in rows] == sorted(NUMBERS)
    return {
        (int(number), file)
        for number, row in rows
        for file in re.findall(r"\(\.\./(tests/[\w/]+\.py)\)", row)
    }
