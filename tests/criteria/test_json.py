"""Criteria as JSON: what is written, what is refused and where, and the schema in docs/."""

import copy
import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from postroad.core.criteria.check import faults_of
from postroad.core.criteria.evaluate import Rows, people_of
from postroad.core.criteria.reading import Unreadable, from_json, from_text
from postroad.core.criteria.schema import TableName
from postroad.core.criteria.tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Happened,
    Hop,
    InAudience,
    Measure,
    Operator,
    Related,
)
from postroad.core.criteria.values import Around, Between, Span, Unit
from postroad.core.criteria.words import Names, words_of
from postroad.core.criteria.writing import to_json
from postroad.core.ids import AudienceId, CampaignId
from postroad.testing.criteria import trees
from postroad.testing.criteria_rows import NOWS, databases

SCHEMA_FILE = Path(__file__).parents[2] / "docs" / "criteria.schema.json"
SCHEMA: dict[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)

INVOICE = Hop(TableName("public", "invoice"), "invoice_customer_id_fkey", is_back=True)
ODD = Hop(TableName("a.b", "c"), "k", is_back=False)

CRITERIA = Criteria(
    Group(
        GroupKind.ALL,
        (
            Condition(Field("country"), Operator.IN, ("Norway", "Sweden")),
            Condition(Field("notes", ("a", "")), Operator.IS, value=True, is_off=True),
            Related(
                (INVOICE,),
                Measure.SUM,
                Group(
                    GroupKind.ANY,
                    (Condition(Field("at"), Operator.IN_LAST, Span(90, Unit.DAYS)),),
                ),
                Field("total"),
                operator=Operator.AT_LEAST,
                value=Decimal("20.00"),
            ),
            Related(
                (INVOICE, ODD),
                Measure.LAST,
                Group(GroupKind.ALL),
                Field("name", hops=(ODD,)),
                Field("at", step=1),
                Operator.EMPTY,
            ),
            Group(
                GroupKind.NONE,
                (
                    InAudience(AudienceId(7), 2),
                    Happened(CampaignId(41), ("dead",), is_off=True),
                ),
                is_off=True,
            ),
            Condition(Field("born"), Operator.ANNIVERSARY, Around.THIS_WEEK),
            Condition(
                Field("joined"),
                Operator.BETWEEN,
                Between(datetime(2026, 11, 24, 10, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)),
            ),
        ),
    )
)

WRITTEN: dict[str, Any] = {
    "all": [
        {"field": "country", "is": "is one of", "value": ["Norway", "Sweden"]},
        {
            "field": {"column": "notes", "json": ["a", ""]},
            "is": "is",
            "value": True,
            "off": True,
        },
        {
            "related": [
                {"table": "public.invoice", "key": "invoice_customer_id_fkey", "back": True}
            ],
            "measure": "sum",
            "field": "total",
            "is": "≥",
            "value": {"decimal": "20.00"},
            "where": {
                "any": [{"field": "at", "is": "in the last", "value": {"span": [90, "days"]}}]
            },
        },
        {
            "related": [
                {"table": "public.invoice", "key": "invoice_customer_id_fkey", "back": True},
                {"table": ["a.b", "c"], "key": "k"},
            ],
            "measure": "last",
            "field": {"column": "name", "hops": [{"table": ["a.b", "c"], "key": "k"}]},
            "by": {"column": "at", "step": 1},
            "is": "is empty",
        },
        {
            "none": [
                {"audience": 7, "version": 2},
                {"campaign": 41, "states": ["dead"], "off": True},
            ],
            "off": True,
        },
        {"field": "born", "is": "has its anniversary", "value": {"around": "this week"}},
        {
            "field": "joined",
            "is": "is between",
            "value": {
                "from": {"moment": "2026-11-24T10:00:00+00:00"},
                "to": {"moment": "2026-11-25T00:00:00+00:00"},
            },
        },
    ]
}


def test_criteria_are_written_as_json_and_read_back() -> None:
    assert to_json(CRITERIA) == WRITTEN
    assert from_json(WRITTEN) == CRITERIA
    assert from_text(json.dumps(WRITTEN)) == CRITERIA


def test_the_schema_in_docs_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    VALIDATOR.validate(WRITTEN)


def test_the_schema_names_every_operator_and_measure() -> None:
    defined = SCHEMA["$defs"]
    assert defined["operator"]["enum"] == [operator.value for operator in Operator]
    measures = defined["related"]["properties"]["measure"]["enum"]
    assert measures == [measure.value for measure in Measure]


def at(*steps: str | int) -> Any:
    """A copy of the written criteria, and the part of it that these steps lead to."""
    whole = part = copy.deepcopy(WRITTEN)
    for step in steps:
        part = part[step]  # type: ignore[index]
    return whole, part


def with_put(value: Any, *steps: str | int) -> Any:
    whole, part = at(*steps[:-1])
    part[steps[-1]] = value
    return whole


def without(*steps: str | int) -> Any:
    whole, part = at(*steps[:-1])
    del part[steps[-1]]
    return whole


REFUSED = [
    ("", []),
    ("", {}),
    ("", {"all": [], "any": []}),
    ("all", {"all": {}}),
    ("off", {"all": [], "off": True}),
    ("off", {"all": [], "off": 0}),
    ("colour", {"all": [], "colour": 1}),
    ("all[0]", {"all": [7]}),
    ("all[0]", {"all": [{}]}),
    ("all[0].is", without("all", 0, "is")),
    ("all[0].is", with_put("equals", "all", 0, "is")),
    ("all[0].is", with_put(None, "all", 0, "is")),
    ("all[0].value", with_put(None, "all", 0, "value")),
    ("all[0].value[1]", with_put(["a", ["b"]], "all", 0, "value")),
    ("all[0].value", with_put({"text": "a"}, "all", 0, "value")),
    ("all[0].value", with_put({"from": 1}, "all", 0, "value")),
    ("all[0].value.to", with_put({"from": 1, "to": "b"}, "all", 0, "value")),
    ("all[0].value", with_put({"from": 1, "to": 2, "by": 3}, "all", 0, "value")),
    ("all[0].value.decimal", with_put({"decimal": "1e5"}, "all", 0, "value")),
    ("all[0].value.decimal", with_put({"decimal": "NaN"}, "all", 0, "value")),
    ("all[0].value.decimal", with_put({"decimal": 5}, "all", 0, "value")),
    ("all[0].value.date", with_put({"date": "2026-1-1"}, "all", 0, "value")),
    ("all[0].value.moment", with_put({"moment": "2026-01-01T10:00:00"}, "all", 0, "value")),
    ("all[0].value.span", with_put({"span": [0, "days"]}, "all", 0, "value")),
    ("all[0].value.span", with_put({"span": [True, "days"]}, "all", 0, "value")),
    ("all[0].value.span", with_put({"span": [1, "hours"]}, "all", 0, "value")),
    ("all[0].value.around", with_put({"around": "soon"}, "all", 0, "value")),
    ("all[0].by", with_put("x", "all", 0, "by")),
    ("all[1].field.json[0]", with_put([1], "all", 1, "field", "json")),
    ("all[1].field.keys", with_put([1], "all", 1, "field", "keys")),
    ("all[1].field.column", without("all", 1, "field", "column")),
    ("all[1].off", with_put("yes", "all", 1, "off")),
    ("all[2].related", with_put("x", "all", 2, "related")),
    ("all[2].related[0].key", without("all", 2, "related", 0, "key")),
    ("all[2].related[0].key", with_put(1, "all", 2, "related", 0, "key")),
    ("all[2].related[0].table", with_put("invoice", "all", 2, "related", 0, "table")),
    ("all[2].related[0].table", with_put(["a", "b", "c"], "all", 2, "related", 0, "table")),
    ("all[2].related[0].back", with_put(1, "all", 2, "related", 0, "back")),
    ("all[2].measure", with_put("average", "all", 2, "measure")),
    ("all[2].is", without("all", 2, "is")),
    ("all[2].where", with_put([], "all", 2, "where")),
    ("all[2].where.any[0].is", without("all", 2, "where", "any", 0, "is")),
    ("all[3].by.step", with_put(0, "all", 3, "by", "step")),
    ("all[3].by.step", with_put(True, "all", 3, "by", "step")),
    ("all[4].none[0].version", without("all", 4, "none", 0, "version")),
    ("all[4].none[0].audience", with_put("7", "all", 4, "none", 0, "audience")),
    ("all[4].none[1].states", with_put("dead", "all", 4, "none", 1, "states")),
]


@pytest.mark.parametrize(("path", "document"), REFUSED)
def test_what_is_not_understood_is_refused_with_its_path(path: str, document: Any) -> None:
    refused = from_json(document)
    assert isinstance(refused, Unreadable)
    assert refused.path == path
    assert refused.text.endswith(".")
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize("value", [{"date": "2026-02-30"}, {"moment": "2026-01-01T25:00Z"}])
def test_a_day_that_there_is_not_is_refused(value: Any) -> None:
    refused = from_json(with_put(value, "all", 0, "value"))
    assert isinstance(refused, Unreadable)
    assert refused.path.startswith("all[0].value.")


def test_decimal_numbers_are_read_as_they_are_written() -> None:
    text = '{"all": [{"field": "x", "is": ">", "value": 0.1000000000000000000001}]}'
    read = from_text(text)
    assert isinstance(read, Criteria)
    assert read.root.rules[0].value == Decimal("0.1000000000000000000001")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        '{"all": [], "all": []}',
        '{"all": [{"field": "x", "is": ">", "value": NaN}]}',
        "[" * 100_000,
        '{"all": [' * 22 + "]}" * 22,
        '{"all": [' * 500 + "]}" * 500,
    ],
)
def test_a_file_that_is_no_criteria_is_refused(text: str) -> None:
    assert isinstance(from_text(text), Unreadable)


def test_groups_may_lie_twenty_deep_in_the_whole() -> None:
    assert isinstance(from_text('{"all": [' * 21 + "]}" * 21), Criteria)


def test_a_number_that_is_none_is_refused() -> None:
    for number in (math.nan, math.inf, Decimal("sNaN")):
        assert isinstance(from_json(with_put(number, "all", 0, "value")), Unreadable)


SCRAPS = st.one_of(
    st.sampled_from([None, True, 0, 1, -1, 1.5, "", "is", "a.b", [], {}, ["a"], [1, "days"]]),
    st.sampled_from(
        [
            {"span": [1, "days"]},
            {"around": "today"},
            {"date": "2026-11-24"},
            {"from": 1, "to": 2},
            {"all": []},
            {"table": "a.b", "key": "k"},
        ]
    ),
)
NAMES = ("off", "value", "is", "where", "by", "field", "json", "hops", "step", "all", "none", "x")


def places(document: Any) -> list[Any]:
    """Every object and list in it."""
    below = document.values() if isinstance(document, dict) else document
    inner = [place for one in below if isinstance(one, dict | list) for place in places(one)]
    return [document, *inner]


@st.composite
def spoiled(draw: Any) -> Any:
    """Criteria in JSON in which something was put, taken out or changed."""
    document = copy.deepcopy(to_json(draw(trees(NOWS[0]))) if draw(st.booleans()) else WRITTEN)
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(places(document)))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if keys and draw(st.booleans()):
            key = draw(st.sampled_from(keys))
            if draw(st.booleans()):
                del place[key]
            else:
                place[key] = copy.deepcopy(draw(SCRAPS))
        elif isinstance(place, dict):
            place[draw(st.sampled_from(NAMES))] = copy.deepcopy(draw(SCRAPS))
        else:
            place.append(copy.deepcopy(draw(SCRAPS)))
    return document


@given(spoiled())
def test_what_the_schema_refuses_the_parser_refuses_and_the_reverse(document: Any) -> None:
    """Days that there are not, and depth, are the parser's alone: none is drawn here."""
    assert VALIDATOR.is_valid(document) == isinstance(from_json(document), Criteria)


@given(spoiled(), databases(NOWS[0]))
def test_whatever_is_read_can_be_checked_said_and_written_and_without_a_fault_evaluated(
    document: Any, rows: Rows
) -> None:
    criteria = from_json(document)
    if isinstance(criteria, Unreadable):
        return
    assert from_json(to_json(criteria)) == criteria
    assert words_of(criteria, Names(rows.schema)).isprintable()
    if not faults_of(criteria, rows.schema, rows.people):
        people_of(criteria, rows, NOWS[0])


def test_a_moment_that_utc_has_not_is_written_and_said() -> None:
    document = {
        "all": [{"field": "joined", "is": "is", "value": {"moment": "0001-01-01T00:00:00+05:00"}}]
    }
    criteria = from_json(document)
    assert isinstance(criteria, Criteria)
    assert to_json(criteria) == document
    assert words_of(criteria) == "People whose joined is 1 January 1 00:00 UTC+05:00."


@given(trees(NOWS[1]))
def test_what_is_written_is_valid(criteria: Criteria) -> None:
    VALIDATOR.validate(to_json(criteria))
