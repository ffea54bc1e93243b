"""What docs/criteria.md says is so."""

import re
from pathlib import Path

from postroad.core.criteria.operators import OPERATORS
from postroad.core.criteria.reading import from_text
from postroad.core.criteria.schema import ForeignKey, Kind, Schema, TableName
from postroad.core.criteria.tree import Criteria
from postroad.core.criteria.words import Names, words_of

PAPER = (Path(__file__).parents[2] / "docs" / "criteria.md").read_text("utf-8")
KEYS = (
    ("invoice", "invoice_customer_id_fkey", "customer"),
    ("invoice_line", "invoice_line_invoice_id_fkey", "invoice"),
    ("invoice_line", "invoice_line_track_id_fkey", "track"),
    ("track", "track_genre_id_fkey", "genre"),
)


def chinook() -> Schema:
    def named(name: str) -> TableName:
        return TableName("public", name)

    keys = [ForeignKey(key, named(start), (), named(end), ()) for start, key, end in KEYS]
    return Schema((), tuple(keys))


def test_the_examples_are_criteria_and_say_what_stands_below_them() -> None:
    examples = re.findall(r"```json\n(.*?)```\n\n> (.*?)\n", PAPER, re.DOTALL)
    assert len(examples) == PAPER.count("```json") == 3
    for text, words in examples:
        criteria = from_text(text)
        assert isinstance(criteria, Criteria), criteria
        assert words_of(criteria, Names(chinook())) == words


def test_the_table_of_operators_is_the_one_that_the_code_has() -> None:
    told: dict[Kind, list[str]] = {}
    for line in PAPER.partition("| kind |")[2].partition("| value |")[0].splitlines():
        cells = line.strip("| ").split(" | ")
        if len(cells) == 2 and "`" in cells[1]:
            told |= {
                Kind(kind): re.findall(r"`([^`]+)`", cells[1]) for kind in cells[0].split(", ")
            }
    known = {kind: [one.value for one in shapes] for kind, shapes in OPERATORS.items() if shapes}
    assert told == known
