"""The sentence that criteria are said in."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from postroad.core.criteria.tree import (
    Criteria,
    Field,
    Happened,
    Hop,
    InAudience,
    Measure,
    Operator,
)
from postroad.core.criteria.values import Around, Between, Span, Unit
from postroad.core.criteria.words import Names, rule_words, words_of
from postroad.core.ids import AudienceId, CampaignId
from postroad.testing.criteria_rows import PERSON, SCHEMA

from .kit import (
    LINES,
    ORDERS,
    REFERRER,
    TO_GENRE,
    TO_PRODUCT,
    all_of,
    any_of,
    has,
    measured,
    none_of,
    rule,
)

NAMES = Names(SCHEMA, {AudienceId(7): "Staff and press"}, {CampaignId(41): "Spring letter"})
JAZZ = has(
    ORDERS,
    LINES,
    TO_PRODUCT,
    where=all_of(
        rule(Field("name", hops=(TO_GENRE,)), Operator.IS, "Jazz"),
        rule(Field("placed", step=1), Operator.IN_LAST, Span(24, Unit.MONTHS)),
    ),
)
COUNTRIES = rule("name", Operator.IN, ("Norway", "Sweden", "Denmark"))
TOTAL = measured(
    Measure.SUM, ORDERS, column="total", operator=Operator.AT_LEAST, value=Decimal("20.00")
)


def said(*rules: Any) -> str:
    return words_of(Criteria(all_of(*rules)), NAMES)


def test_criteria_are_one_sentence() -> None:
    tagged = rule("tags", Operator.HAS_ANY, ("newsletter",))
    staff = InAudience(AudienceId(7), 2)
    bounced = Happened(CampaignId(41), ("bounced", "dead"))
    assert said(COUNTRIES, JAZZ, any_of(TOTAL, tagged), none_of(staff, bounced)) == (
        "People whose name is “Norway”, “Sweden” or “Denmark”,"
        " and who have order → “line of order” → product where"
        " (genre.name is “Jazz” and order.placed is in the last 24 months),"
        " and (whose sum of total over order is at least 20.00"
        " or whose tags has any of “newsletter”),"
        " but not those in audience “Staff and press”, version 2,"
        " or with a mail of campaign “Spring letter” that is bounced or dead."
    )


def test_criteria_of_one_kind_of_group() -> None:
    old = rule("age", Operator.MORE, 1000)
    assert words_of(Criteria(any_of(old, COUNTRIES))) == (
        "People whose age is more than 1,000, or whose name is “Norway”, “Sweden” or “Denmark”."
    )
    assert words_of(Criteria(none_of(old))) == "Everybody but people whose age is more than 1,000."
    assert said(none_of(old)) == "Everybody but people whose age is more than 1,000."
    assert said() == "Everybody."


def test_what_is_off_is_left_out() -> None:
    off = rule("age", Operator.MORE, 1, is_off=True)
    groups = (none_of(COUNTRIES, is_off=True), all_of(COUNTRIES, is_off=True))
    assert said(COUNTRIES, off, any_of(off), none_of(off), *groups) == (
        "People whose name is “Norway”, “Sweden” or “Denmark”."
    )
    assert said(off, any_of()) == "Everybody."
    assert rule_words(off) == "age is more than 1"


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        (Operator.IS, "a”; no “b", "x is “a\\”; no \\“b”"),
        (Operator.IS, "a\nb\u202e\0", "x is “a\\u{a}b\\u{202e}\\u{0}”"),
        (Operator.IS, "a" * 61, f"x is “{'a' * 60}…”"),
        (Operator.IS, "", "x is “”"),
        (Operator.NOT_IN, ("a", "b"), "x is none of “a” or “b”"),
        (Operator.IN, tuple(range(9)), "x is 0, 1, 2, 3, 4 or 4 more"),
        (Operator.HAS_ALL, ("a", "b"), "x has all of “a” and “b”"),
        (Operator.BETWEEN, Between(1, Decimal("2.50")), "x is between 1 and 2.50"),
        (Operator.BEFORE, date(2026, 11, 4), "x is before 4 November 2026"),
        (
            Operator.AFTER,
            datetime.fromisoformat("2026-11-04T01:00:00+02:00"),
            "x is after 3 November 2026 23:00 UTC",
        ),
        (
            Operator.IS,
            datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC),
            "x is 2 January 2026 03:04:05.000600 UTC",
        ),
        (Operator.NOT_IN_LAST, Span(1, Unit.WEEKS), "x is not in the last week"),
        (Operator.IN_NEXT, Span(1000, Unit.DAYS), "x is in the next 1,000 days"),
        (Operator.ANNIVERSARY, Around.THIS_WEEK, "x has its anniversary this week"),
        (Operator.IS, True, "x is true"),
        (Operator.NOT_EMPTY, None, "x is not empty"),
    ],
)
def test_a_value_is_said(operator: Operator, value: Any, words: str) -> None:
    assert rule_words(rule("x", operator, value)) == words


def test_fields_are_said_with_where_they_are_read() -> None:
    def words(field: Field) -> str:
        return rule_words(rule(field, Operator.EMPTY), NAMES)

    assert words(Field("notes", ("a b", "c"))) == "notes / “a b” / c is empty"
    assert words(Field("age", hops=(REFERRER,))) == "person.age is empty"
    assert words(Field("drop\ntable")) == "“drop\\u{a}table” is empty"


def test_measures_are_said() -> None:
    last = measured(
        Measure.LAST,
        ORDERS,
        column="state",
        by="placed",
        operator=Operator.IS,
        value="paid",
        where=all_of(rule("paid", Operator.IS_TRUE)),
    )
    assert rule_words(last, NAMES) == (
        "last state by placed over order where paid is true is “paid”"
    )
    count = measured(Measure.COUNT, ORDERS, operator=Operator.AT_LEAST, value=3)
    assert rule_words(count, NAMES) == "number of order is at least 3"
    assert rule_words(measured(Measure.HAS_NONE, ORDERS), NAMES) == "have no order"


def test_what_has_no_name_is_said_by_its_number_or_key() -> None:
    assert rule_words(InAudience(AudienceId(9), 1)) == "in audience 9, version 1"
    gone = has(Hop(PERSON, "gone_fkey", is_back=False))
    assert rule_words(gone, NAMES) == "have gone_fkey"
