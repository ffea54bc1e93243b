"""The meaning of rules, case by case, by the evaluator in Python."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from postroad.core.criteria.comparison import holds, json_text
from postroad.core.criteria.days import after, before, has_anniversary
from postroad.core.criteria.evaluate import Elsewhere
from postroad.core.criteria.operators import OPERATORS, POSITIVE_OF
from postroad.core.criteria.schema import Kind
from postroad.core.criteria.tree import Field, Happened, InAudience, Measure, Operator
from postroad.core.criteria.values import Around, Between, Span, Unit, Value
from postroad.core.ids import AudienceId, CampaignId

from .kit import (
    LINES,
    NOW,
    ORDERS,
    REFERRED,
    REFERRER,
    TO_GENRE,
    TO_PRODUCT,
    all_of,
    any_of,
    database,
    found,
    has,
    measured,
    none_of,
    rule,
)

O = Operator  # noqa: E741 — a table of cases reads best with short words.
DAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("kind", "cell", "operator", "value", "expected"),
    [
        (Kind.TEXT, "Norway", O.IS, "Norway", True),
        (Kind.TEXT, "norway", O.IS, "Norway", False),
        (Kind.TEXT, "Norway ", O.IS, "Norway", False),
        (Kind.TEXT, "e\u0301", O.IS, "é", False),
        (Kind.TEXT, "", O.IS, "", True),
        (Kind.TEXT, "", O.EMPTY, None, True),
        (Kind.TEXT, " ", O.EMPTY, None, False),
        (Kind.TEXT, "a%b", O.CONTAINS, "%", True),
        (Kind.TEXT, "ab", O.CONTAINS, "_", False),
        (Kind.TEXT, "ab", O.STARTS, "a", True),
        (Kind.TEXT, "ab", O.ENDS, "a", False),
        (Kind.TEXT, "b", O.IN, ("a", "b"), True),
        (Kind.INTEGER, 2**53 + 1, O.IS, 2**53, False),
        (Kind.INTEGER, 3, O.BETWEEN, Between(3, 4), True),
        (Kind.INTEGER, 5, O.BETWEEN, Between(3, 4), False),
        (Kind.DECIMAL, Decimal("20.00"), O.IS, 20, True),
        (Kind.DECIMAL, Decimal("0.1"), O.IS, Decimal("0.10"), True),
        (Kind.DECIMAL, Decimal("NaN"), O.MORE, 10**18, True),
        (Kind.DECIMAL, Decimal("NaN"), O.IS, 1, False),
        (Kind.FLOAT, 0.1, O.IS, Decimal("0.1"), True),
        (Kind.FLOAT, 2.0**53, O.IS, 2**53 + 1, True),
        (Kind.FLOAT, 0.1, O.BETWEEN, Between(Decimal("0.1"), Decimal("0.1")), True),
        (Kind.FLOAT, float("nan"), O.AT_LEAST, 1, True),
        (Kind.BOOLEAN, False, O.IS_FALSE, None, True),
        (Kind.BOOLEAN, True, O.IS_TRUE, None, True),
        (Kind.BOOLEAN, False, O.EMPTY, None, False),
        (Kind.DATE, DAY, O.BEFORE, DAY, False),
        (Kind.DATE, DAY - timedelta(90), O.IN_LAST, Span(90, Unit.DAYS), True),
        (Kind.DATE, DAY - timedelta(91), O.IN_LAST, Span(90, Unit.DAYS), False),
        (Kind.DATE, DAY + timedelta(1), O.IN_LAST, Span(90, Unit.DAYS), False),
        (Kind.DATE, DAY, O.IN_NEXT, Span(1, Unit.DAYS), True),
        (Kind.DATE, DAY + timedelta(2), O.IN_NEXT, Span(1, Unit.DAYS), False),
        (Kind.MOMENT, NOW - timedelta(weeks=1), O.IN_LAST, Span(1, Unit.WEEKS), True),
        (Kind.MOMENT, NOW - timedelta(7, 0, 1), O.IN_LAST, Span(1, Unit.WEEKS), False),
        (Kind.MOMENT, NOW + timedelta(0, 0, 1), O.IN_LAST, Span(1, Unit.WEEKS), False),
        (Kind.TIMESTAMP, datetime(2026, 11, 24, 10, 30), O.IS, NOW, True),  # noqa: DTZ001
        (Kind.TIMESTAMP, datetime(2026, 11, 24, 10, 31), O.IN_LAST, Span(1, Unit.DAYS), False),  # noqa: DTZ001
        (
            Kind.MOMENT,
            datetime(1990, 11, 25, 0, 30, tzinfo=UTC),
            O.ANNIVERSARY,
            Around.TODAY,
            False,
        ),
        (Kind.JSON, "5", O.IS, 5, False),
        (Kind.JSON, 5, O.IS, 5, True),
        (Kind.JSON, 5, O.IS, "5", True),
        (Kind.JSON, True, O.IS, 1, False),
        (Kind.JSON, 1, O.IS, True, False),
        (Kind.JSON, True, O.IS, "true", True),
        (Kind.JSON, ["a", 1], O.CONTAINS, '["a", 1', True),
        (Kind.JSON, Decimal("1.5"), O.BETWEEN, Between(1, 2), True),
        (Kind.JSON, "", O.EMPTY, None, False),
        (Kind.TEXTS, ["a", None], O.HAS_ANY, ("a", "x"), True),
        (Kind.TEXTS, ["a"], O.HAS_ALL, ("a", "x"), False),
        (Kind.TEXTS, [], O.EMPTY, None, True),
        (Kind.TEXTS, [None], O.EMPTY, None, False),
    ],
)
def test_an_operator_holds(
    kind: Kind, cell: Any, operator: Operator, value: Value, *, expected: bool
) -> None:
    assert holds(cell, kind, operator, value, NOW) is expected


EXAMPLES: dict[str, Any] = {"text": "a", "whole number": 1, "number": 1, "true or false": True}
EXAMPLES |= {"day": DAY, "moment": NOW}


@pytest.mark.parametrize("kind", [kind for kind in Kind if OPERATORS[kind]])
def test_null_fulfils_no_positive_operator_and_every_negative_one(kind: Kind) -> None:
    for operator, shape in OPERATORS[kind].items():
        one = EXAMPLES[shape.sorts[0]] if shape.sorts else None
        value: Any = {"one": one, "list": (one,), "between": one and Between(one, one)}.get(
            shape.form
        )
        expected = (operator in POSITIVE_OF and operator is not O.NOT_EMPTY) or operator is O.EMPTY
        assert holds(None, kind, operator, value, NOW) is expected, operator


def test_a_month_before_the_31st_is_the_end_of_a_shorter_month() -> None:
    assert before(date(2023, 3, 31), Span(1, Unit.MONTHS)) == date(2023, 2, 28)
    assert before(date(2024, 3, 31), Span(1, Unit.MONTHS)) == date(2024, 2, 29)
    assert after(date(2024, 2, 29), Span(1, Unit.YEARS)) == date(2025, 2, 28)
    assert after(date(2024, 11, 30), Span(3, Unit.MONTHS)) == date(2025, 2, 28)
    moment = datetime(2023, 12, 31, 23, 59, tzinfo=UTC)
    assert after(moment, Span(2, Unit.MONTHS)) == datetime(2024, 2, 29, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("born", "around", "today", "expected"),
    [
        (date(1990, 11, 24), Around.TODAY, DAY, True),
        (date(1990, 11, 25), Around.TODAY, DAY, False),
        (date(1990, 11, 25), Around.TOMORROW, DAY, True),
        (date(1990, 11, 23), Around.THIS_WEEK, DAY, True),
        (date(1990, 11, 29), Around.THIS_WEEK, DAY, True),
        (date(1990, 11, 30), Around.THIS_WEEK, DAY, False),
        (date(1990, 11, 30), Around.NEXT_WEEK, DAY, True),
        (date(1990, 1, 1), Around.NEXT_WEEK, date(2025, 12, 25), True),
        (date(1990, 12, 31), Around.THIS_WEEK, date(2027, 1, 1), True),
        (date(1990, 12, 1), Around.NEXT_MONTH, DAY, True),
        (date(1990, 1, 31), Around.NEXT_MONTH, date(2026, 12, 31), True),
        (date(2000, 2, 29), Around.TODAY, date(2025, 2, 28), True),
        (date(2000, 2, 29), Around.TODAY, date(2025, 3, 1), False),
        (date(2000, 2, 29), Around.TODAY, date(2024, 2, 28), False),
        (date(2000, 2, 29), Around.TODAY, date(2024, 2, 29), True),
        (date(2000, 2, 29), Around.THIS_MONTH, date(2025, 2, 1), True),
    ],
)
def test_an_anniversary_comes_round(
    born: date, around: Around, today: date, *, expected: bool
) -> None:
    assert has_anniversary(born, around, today) is expected


def test_today_is_the_day_in_utc() -> None:
    late = datetime.fromisoformat("2026-11-24T23:30:00-05:00")
    assert holds(date(2026, 11, 25), Kind.DATE, O.IN_LAST, Span(1, Unit.DAYS), late)
    assert not holds(date(2026, 11, 23), Kind.DATE, O.IN_LAST, Span(1, Unit.DAYS), late)


def test_json_has_one_text() -> None:
    document = {"bb": [1, Decimal("1.50"), None], "a": 'é\n"', "": True}
    assert json_text(document) == '{"": true, "a": "é\\n\\"", "bb": [1, 1.50, null]}'


PEOPLE = [{"id": 1, "age": 30}, {"id": 2, "age": 40, "referrer": 1}, {"id": 3, "referrer": 9}]


def test_groups_that_say_nothing_are_passed_over() -> None:
    rows = database(PEOPLE)
    old = rule("age", O.MORE, 35)
    silent = any_of(all_of(), rule("age", O.LESS, 0, is_off=True))
    assert found(all_of(old, silent), rows) == [2]
    assert found(any_of(old, silent), rows) == [2]
    assert found(none_of(old, silent), rows) == [1, 3]
    assert found(any_of(), rows) == [1, 2, 3]
    assert found(none_of(silent), rows) == [1, 2, 3]
    assert found(all_of(old, any_of(rule("age", O.LESS, 0), is_off=True)), rows) == [2]


def test_columns_are_read_along_foreign_keys() -> None:
    rows = database(PEOPLE)
    age = Field("age", hops=(REFERRER,))
    assert found(rule(age, O.IS, 30), rows) == [2]
    assert found(rule(age, O.IS_NOT, 30), rows) == [1, 3]
    assert found(rule(age, O.EMPTY), rows) == [1, 3]


def test_keys_of_json_are_those_of_objects() -> None:
    rows = database([{"id": 1, "notes": {"a": {"b": 1}}}, {"id": 2, "notes": {"a": [7]}}])
    assert found(rule(Field("notes", ("a", "b")), O.IS, 1), rows) == [1]
    assert found(rule(Field("notes", ("a", "0")), O.NOT_EMPTY), rows) == []
    assert found(rule(Field("notes", ("a", "b")), O.EMPTY), rows) == [2]


ORDERED = database(
    people=[{"id": 1}, {"id": 2}, {"id": 3}],
    orders=[
        {"id": 1, "person": 1, "total": Decimal("20.00"), "due": date(2026, 1, 1), "state": "a"},
        {"id": 2, "person": 1, "total": Decimal("5.50"), "due": date(2026, 2, 1), "state": "b"},
        {"id": 3, "person": 2, "total": None, "due": None, "state": "c"},
        {"id": 4, "person": None, "total": Decimal(99)},
        {"id": 5, "person": 1, "total": Decimal(1), "due": None, "state": "z"},
    ],
    lines=[
        {"order": 1, "number": 1, "maker": "A", "code": 1},
        {"order": 1, "number": 2, "maker": "A", "code": 1},
        {"order": 2, "number": 1, "maker": "B", "code": 1},
        {"order": 3, "number": 1, "maker": "A", "code": None},
    ],
    products=[{"maker": "A", "code": 1, "price": Decimal(3), "genre": 1}],
    genres=[{"id": 1, "the name": "Jazz"}],
)


def test_rows_are_related_that_the_path_leads_to() -> None:
    assert found(has(ORDERS), ORDERED) == [1, 2]
    assert found(measured(Measure.HAS_NONE, ORDERS), ORDERED) == [3]
    assert found(has(ORDERS, LINES, TO_PRODUCT), ORDERED) == [1]


def test_a_row_is_counted_for_each_way_that_leads_to_it() -> None:
    for measure, column, value in ((Measure.COUNT, None, 2), (Measure.SUM, "price", 6)):
        asked = measured(
            measure, ORDERS, LINES, TO_PRODUCT, column=column, operator=O.IS, value=value
        )
        assert found(asked, ORDERED) == [1]


def test_rules_about_related_rows_read_the_path_they_came() -> None:
    jazz = rule(Field("the name", hops=(TO_GENRE,)), O.IS, "Jazz")
    early = rule(Field("due", step=1), O.BEFORE, date(2026, 1, 15))
    late = rule(Field("due", step=1), O.AFTER, date(2026, 1, 15))
    path = (ORDERS, LINES, TO_PRODUCT)
    assert found(has(*path, where=all_of(jazz, early)), ORDERED) == [1]
    assert found(has(*path, where=all_of(jazz, late)), ORDERED) == []
    assert found(has(*path, where=all_of(jazz, has(TO_GENRE))), ORDERED) == [1]


def test_sums_over_nothing_are_0_and_all_other_measures_null() -> None:
    def asked(measure: Measure, operator: Operator, value: Value = None) -> list[Any]:
        by = "due" if measure is Measure.LAST else None
        return found(
            measured(measure, ORDERS, column="total", by=by, operator=operator, value=value),
            ORDERED,
        )

    assert asked(Measure.SUM, O.IS, 0) == [2, 3]
    assert asked(Measure.SUM, O.IS, Decimal("26.5")) == [1]
    assert asked(Measure.MIN, O.IS, 1) == [1]
    assert asked(Measure.MAX, O.AT_LEAST, 20) == [1]
    for measure in (Measure.MIN, Measure.MAX, Measure.LAST):
        assert asked(measure, O.EMPTY) == [2, 3]


def test_sums_are_exact() -> None:
    totals = [Decimal("1e30"), Decimal("1e-8"), Decimal("-1e30")]
    orders = [{"id": n, "person": 1, "total": total} for n, total in enumerate(totals)]
    rows = database([{"id": 1}], orders)
    asked = measured(
        Measure.SUM, ORDERS, column="total", operator=O.IS, value=Decimal("0.00000001")
    )
    assert found(asked, rows) == [1]


def test_the_last_row_is_the_one_with_the_greatest_then_by_its_key() -> None:
    def last(by: str, value: str) -> list[Any]:
        asked = measured(Measure.LAST, ORDERS, column="state", by=by, operator=O.IS, value=value)
        return found(asked, ORDERED)

    assert last("due", "b") == [1]  # Not z, whose day is NULL.
    assert last("due", "c") == [2]
    assert last("total", "a") == [1]
    assert last("weight", "z") == [1]  # All are NULL: the greatest key.


def test_null_in_a_foreign_key_leads_nowhere_not_even_to_null() -> None:
    lines = [{"order": 1, "number": 1, "maker": "A", "code": None}]
    rows = database([{"id": 1}], [{"id": 1, "person": 1}], lines, [{"maker": "A", "code": None}])
    assert found(has(ORDERS, LINES), rows) == [1]
    assert found(has(ORDERS, LINES, TO_PRODUCT), rows) == []


def test_people_refer_people() -> None:
    rows = database(PEOPLE)
    assert found(has(REFERRED), rows) == [1]
    assert found(has(REFERRED, where=all_of(rule("age", O.IS, 40))), rows) == [1]


def test_audiences_and_mails_are_known_elsewhere() -> None:
    elsewhere = Elsewhere(
        {(AudienceId(7), 2): {1, 2}}, {(CampaignId(4), "dead"): {2}, (CampaignId(4), "held"): {3}}
    )
    rows = database(PEOPLE)
    assert found(InAudience(AudienceId(7), 2), rows, elsewhere=elsewhere) == [1, 2]
    assert found(InAudience(AudienceId(7), 1), rows, elsewhere=elsewhere) == []
    assert found(Happened(CampaignId(4), ("dead", "held")), rows, elsewhere=elsewhere) == [2, 3]
    inside = none_of(InAudience(AudienceId(7), 2))
    assert found(inside, rows, elsewhere=elsewhere) == [3]
