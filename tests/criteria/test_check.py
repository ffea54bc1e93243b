"""Every fault that criteria can have is told by the number of its rule, with what to do."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from postroad.core.criteria.check import MAX_RULES, Fault, faults_of
from postroad.core.criteria.operators import OPERATORS, POSITIVE_OF, shapes_of
from postroad.core.criteria.schema import Kind, Schema, Table, TableName
from postroad.core.criteria.tree import (
    Criteria,
    Field,
    Group,
    Happened,
    Hop,
    InAudience,
    Measure,
    Operator,
    Related,
    Rule,
)
from postroad.core.criteria.value_check import MAX_TEXT_BYTES
from postroad.core.criteria.values import Around, Between, Span, Unit
from postroad.core.ids import AudienceId, CampaignId
from postroad.testing.criteria_rows import ORDER, PERSON, SCHEMA

from .kit import (
    BUYER,
    LINES,
    ORDERS,
    REFERRED,
    REFERRER,
    TO_PRODUCT,
    all_of,
    any_of,
    has,
    measured,
    none_of,
    rule,
)

DAY = date(2026, 11, 24)


def faults(*rules: Rule) -> tuple[Fault, ...]:
    return faults_of(Criteria(all_of(*rules)), SCHEMA, PERSON)


def only_fault(*rules: Rule) -> Fault:
    (fault,) = faults(*rules)
    assert fault.text.endswith(".")
    assert ": " in fault.text
    return fault


FAULTY: list[tuple[str, Rule]] = [
    ("has no column “colour”", rule("colour", Operator.IS, "red")),
    ("has no column “Name”", rule("Name", Operator.IS, "red")),
    ("has no foreign key “nowhere”", has(Hop(ORDER, "nowhere", is_back=True))),
    ("go back along it", has(replace(ORDERS, is_back=False))),
    ("go forward along it", has(ORDERS, replace(BUYER, is_back=True))),
    ("does not start at “shop.person”", has(LINES)),
    ("does not start at “shop.order”", has(ORDERS, TO_PRODUCT)),
    ("has from 1 to 10 steps", has()),
    ("has from 1 to 10 steps", has(*[REFERRED] * 11)),
    ("forward only", rule(Field("id", hops=(REFERRED,)), Operator.IS, 1)),
    ("a step that the path has not", rule(Field("id", step=1), Operator.IS, 1)),
    ("No rule can ask about “face”", rule("face", Operator.EMPTY)),
    ("“contains” cannot be asked of “age”", rule("age", Operator.CONTAINS, "1")),
    ("“is true” cannot be asked of “notes”", rule("notes", Operator.IS_TRUE)),
    ("is not JSON", rule(Field("name", ("a",)), Operator.EMPTY)),
    ("More than 20 keys", rule(Field("notes", ("a",) * 21), Operator.EMPTY)),
    ("NUL", rule(Field("notes", ("a\0",)), Operator.EMPTY)),
    ("not a text", rule("name", Operator.IS, 1)),
    ("not a text", rule("name", Operator.IS)),
    ("not a text", rule("name", Operator.IS, ("a",))),
    ("not a whole number", rule("age", Operator.IS, value=True)),
    ("not a whole number", rule("age", Operator.IS, Decimal(1))),
    ("not a day", rule("born", Operator.IS, datetime(2026, 1, 1, tzinfo=UTC))),
    ("not a moment with its zone", rule("joined", Operator.IS, DAY)),
    ("not a moment with its zone", rule("woke", Operator.IS, datetime(2026, 1, 1))),  # noqa: DTZ001
    ("takes no value", rule("name", Operator.EMPTY, "")),
    ("not a list", rule("name", Operator.IN, "a")),
    ("The list is empty", rule("name", Operator.IN, ())),
    ("more than 10,000", rule("age", Operator.IN, tuple(range(10_001)))),
    ("not all of one sort", rule("name", Operator.IN, ("a", 1))),
    ("not all of one sort", rule("notes", Operator.IN, ("a", 1))),
    ("not a pair of ends", rule("age", Operator.BETWEEN, 1)),
    ("An end is not a whole number", rule("age", Operator.BETWEEN, Between(1, Decimal(2)))),
    ("swap them", rule("age", Operator.BETWEEN, Between(2, 1))),
    ("swap them", rule("born", Operator.BETWEEN, Between(DAY, DAY - timedelta(1)))),
    ("at least one character", rule("name", Operator.STARTS, "")),
    ("NUL", rule("name", Operator.IS, "a\0b")),
    ("lone surrogate", rule("name", Operator.IN, ("a", "\ud83d"))),
    ("longer than 1,048,576 bytes", rule("name", Operator.IS, "é" * (MAX_TEXT_BYTES // 2 + 1))),
    ("64 bits", rule("age", Operator.IS, 2**63)),
    ("64 bits", rule("age", Operator.BETWEEN, Between(-(2**63) - 1, 0))),
    ("not finite", rule("balance", Operator.LESS, Decimal("NaN"))),
    ("not finite", rule("score", Operator.LESS, Decimal("-Infinity"))),
    ("more than 38 digits", rule("balance", Operator.LESS, Decimal("1E+38"))),
    ("more than 38 digits", rule("balance", Operator.LESS, Decimal("1E-31"))),
    (
        "outside the years",
        rule("joined", Operator.AFTER, datetime.max.replace(tzinfo=timezone(timedelta(hours=-1)))),
    ),
    ("not a number of days", rule("born", Operator.IN_LAST, 90)),
    ("from 1 to 366,000 days", rule("born", Operator.IN_LAST, Span(0, Unit.DAYS))),
    ("from 1 to 1,000 years", rule("born", Operator.IN_NEXT, Span(1001, Unit.YEARS))),
    ("No time is chosen", rule("born", Operator.ANNIVERSARY, "today")),
    ("asks about rows", measured(Measure.HAS, ORDERS, column="id")),
    ("choose an operator", measured(Measure.COUNT, ORDERS)),
    ("not a whole number", measured(Measure.COUNT, ORDERS, operator=Operator.IS, value="1")),
    (
        "“is empty” cannot be asked of “count”",
        measured(Measure.COUNT, ORDERS, operator=Operator.EMPTY),
    ),
    ("compared with nothing", measured(Measure.HAS, ORDERS, operator=Operator.IS, value=1)),
    ("needs a column", measured(Measure.SUM, ORDERS, operator=Operator.IS, value=1)),
    (
        "There is no “sum” of “state”",
        measured(Measure.SUM, ORDERS, column="state", operator=Operator.IS, value="a"),
    ),
    (
        "has no order",
        measured(Measure.MAX, ORDERS, column="total", by="due", operator=Operator.EMPTY),
    ),
    ("needs the column", measured(Measure.LAST, ORDERS, column="state", operator=Operator.EMPTY)),
    (
        "cannot be ordered by “state”",
        measured(Measure.LAST, ORDERS, column="state", by="state", operator=Operator.EMPTY),
    ),
    (
        "the last table of its path",
        Related((ORDERS,), Measure.MAX, all_of(), Field("id", step=1), operator=Operator.EMPTY),
    ),
    ("no such version", InAudience(AudienceId(7), 0)),
    ("no such version", InAudience(AudienceId(-7), 1)),
    ("no such campaign", Happened(CampaignId(2**63), ("dead",))),
    ("No state is chosen", Happened(CampaignId(1), ())),
    ("“exploded” is no state", Happened(CampaignId(1), ("dead", "exploded"))),
]


@pytest.mark.parametrize(("words", "faulty"), FAULTY)
def test_a_fault_is_told_with_the_number_of_its_rule(words: str, faulty: Rule) -> None:
    fine = rule("age", Operator.MORE, 1)
    fault = only_fault(fine, any_of(fine, none_of(fine, fine, faulty)))
    assert fault.number == "2.2.3"
    assert words in fault.text


@pytest.mark.parametrize(("words", "faulty"), FAULTY)
def test_a_rule_that_is_off_has_no_fault(words: str, faulty: Rule) -> None:
    assert faults(replace(faulty, is_off=True)) == ()
    assert faults(all_of(faulty, is_off=True)) == ()


def test_rules_about_related_rows_are_numbered_in_the_rule_that_asks() -> None:
    wrong = rule("colour", Operator.EMPTY)
    fine = rule("state", Operator.EMPTY)
    related = has(
        ORDERS, where=all_of(fine, has(LINES, where=any_of(wrong)), InAudience(AudienceId(1), 1))
    )
    assert [fault.number for fault in faults(related, wrong)] == ["1.2.1", "1.3", "2"]


def test_a_column_is_looked_for_where_the_field_reads_it() -> None:
    assert faults(rule(Field("age", hops=(REFERRER,)), Operator.IS, 1)) == ()
    state = rule(Field("state", step=1), Operator.IS, "a")
    assert faults(has(ORDERS, LINES, where=all_of(state))) == ()
    at_end = rule("state", Operator.IS, "a")
    assert "“shop.line of order”" in only_fault(has(ORDERS, LINES, where=all_of(at_end))).text
    too_far = rule(Field("state", step=3), Operator.IS, "a")
    assert (
        "a step that the path has not" in only_fault(has(ORDERS, LINES, where=all_of(too_far))).text
    )


def test_values_at_their_limits_have_no_fault() -> None:
    fine = [
        rule("name", Operator.IS, "é" * (MAX_TEXT_BYTES // 2)),
        rule("age", Operator.IN, tuple(range(10_000))),
        rule("age", Operator.BETWEEN, Between(-(2**63), 2**63 - 1)),
        rule("balance", Operator.IS, Decimal("9" * 38)),
        rule("balance", Operator.IS, Decimal("-0." + "9" * 30)),
        rule("balance", Operator.BETWEEN, Between(1, Decimal("1.5"))),
        rule("born", Operator.BETWEEN, Between(date.min, date.max)),
        rule("joined", Operator.IS, datetime.max.replace(tzinfo=UTC)),
        rule("born", Operator.IN_LAST, Span(1000, Unit.YEARS)),
        rule("born", Operator.ANNIVERSARY, Around.TODAY),
        rule("name", Operator.IS, ""),
    ]
    assert faults(*fine) == ()


def nested(depth: int) -> Group:
    group = all_of(rule("colour", Operator.EMPTY))
    for _ in range(depth - 1):
        group = all_of(group)
    return group


def test_criteria_that_are_too_large_are_not_looked_into() -> None:
    wrong = rule("colour", Operator.EMPTY)
    assert only_fault(nested(20)).text.startswith("Groups lie more than 20 deep")
    assert "has no column" in only_fault(nested(19)).text
    assert only_fault(nested(5000)).number == ".".join(["1"] * 20)
    assert only_fault(*[wrong] * (MAX_RULES + 1)) == Fault(
        "", "There are more than 500 rules: make two audiences of them."
    )
    assert len(faults(*[wrong] * MAX_RULES)) == MAX_RULES
    long = rule("name", Operator.IS, "a" * 1_000_000)
    assert "4,194,304 bytes" in only_fault(*[long] * 5, wrong).text


def test_a_table_of_people_that_is_gone_is_told() -> None:
    (fault,) = faults_of(Criteria(all_of()), SCHEMA, TableName("shop", "people"))
    assert fault == Fault("", "The source has no table “shop.people”: refresh it, or map another.")


def test_no_row_is_surely_the_last_without_a_primary_key() -> None:
    tables = tuple(replace(one, key=()) if one.name == ORDER else one for one in SCHEMA.tables)
    last = measured(Measure.LAST, ORDERS, column="state", by="due", operator=Operator.IS, value="a")
    assert faults(last) == ()
    (fault,) = faults_of(Criteria(all_of(last)), replace(SCHEMA, tables=tables), PERSON)
    assert "has no primary key" in fault.text


def test_a_table_that_a_foreign_key_leads_to_may_be_out_of_sight() -> None:
    tables = tuple(one for one in SCHEMA.tables if one.name != ORDER)
    (fault,) = faults_of(Criteria(all_of(has(ORDERS))), replace(SCHEMA, tables=tables), PERSON)
    assert "has no table “shop.order”" in fault.text


def test_hostile_names_are_told_on_one_line() -> None:
    fault = only_fault(rule("x\n”\u202e" + "y" * 100, Operator.EMPTY))
    assert fault.text.isprintable()
    assert len(fault.text) < 200


def test_every_negative_operator_stands_beside_its_positive() -> None:
    for shapes in OPERATORS.values():
        for negative, positive in POSITIVE_OF.items():
            assert shapes.get(negative) == shapes.get(positive)


def test_measures_take_the_operators_of_what_they_give() -> None:
    assert shapes_of(Measure.HAS, None) == {}
    assert shapes_of(Measure.MIN, Kind.TEXT) == {}
    assert shapes_of(Measure.LAST, Kind.OTHER) == {}
    assert shapes_of(Measure.LAST, Kind.TEXT) == OPERATORS[Kind.TEXT]
    assert Operator.EMPTY not in shapes_of(Measure.SUM, Kind.DECIMAL)
    assert Operator.EMPTY in shapes_of(Measure.MAX, Kind.DATE)


def test_a_schema_of_one_view_can_be_asked() -> None:
    name = TableName("public", "v")
    view = Table(name, SCHEMA.tables[0].columns, is_view=True)
    asked: Any = Criteria(all_of(rule("age", Operator.IS, 1)))
    assert faults_of(asked, Schema((view,)), name) == ()
