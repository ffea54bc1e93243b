"""What compiled rules select, rule by rule, on each server."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import column
from sqlalchemy.sql.elements import ClauseElement

from postroad.core.criteria.tree import Condition, Field, Measure, Operator, Rule, says
from postroad.core.criteria.values import Around, Between, Span, Unit
from postroad.sources.compile import mariadb, postgresql
from postroad.sources.compile.statements import count_sql, keys_sql, sample_sql, select_sql
from postroad.sources.compile.where import CannotCompile, Server, Site

from .servers import Place
from .shop import (
    INVOICES,
    LINES,
    REP,
    all_of,
    any_of,
    criteria,
    moved,
    none_of,
    related,
    rule,
    site_in,
)

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
O = Operator  # noqa: E741 - short in the table below
HAS, NONE, COUNT = Measure.HAS, Measure.HAS_NONE, Measure.COUNT
OWN, OF_LINES, BY_REP = (INVOICES,), (INVOICES, LINES), (REP,)
OF_INVOICE = Field("total", hops=(replace(LINES, is_back=False),))

CASES: list[tuple[Rule, list[int]]] = [
    (rule("country", O.IS, "USA"), [1]),
    (rule("country", O.IS_NOT, "USA"), [2, 3, 4]),
    (rule("country", O.IN, ("USA", "Canada")), [1, 2]),
    (rule("country", O.NOT_IN, ("USA", "Canada")), [3, 4]),
    (rule("country", O.CONTAINS, "ana"), [2]),
    (rule("country", O.CONTAINS, "%"), []),
    (rule("country", O.NOT_CONTAINS, "ana"), [1, 3, 4]),
    (rule("country", O.STARTS, "Ca"), [2]),
    (rule("country", O.ENDS, "A"), [1]),
    (rule("country", O.EMPTY), [3, 4]),
    (rule("country", O.NOT_EMPTY), [1, 2]),
    (rule("born", O.IS, date(1980, 11, 24)), [1]),
    (rule("born", O.AFTER, date(1990, 1, 1)), [2, 3]),
    (rule("born", O.BETWEEN, Between(date(1980, 1, 1), date(1999, 1, 1))), [1, 2]),
    (rule("born", O.ANNIVERSARY, Around.TODAY), [1]),
    (rule("born", O.ANNIVERSARY, Around.THIS_WEEK), [1]),
    (rule("born", O.ANNIVERSARY, Around.NEXT_MONTH), []),
    (rule("seen", O.IN_LAST, Span(1, Unit.DAYS)), [1]),
    (rule("seen", O.IN_LAST, Span(3, Unit.MONTHS)), [1, 2]),
    (rule("seen", O.NOT_IN_LAST, Span(1, Unit.DAYS)), [2, 3, 4]),
    (rule("wall", O.IN_LAST, Span(4, Unit.DAYS)), []),
    (rule("wall", O.IN_LAST, Span(5, Unit.DAYS)), [1]),
    (rule("score", O.MORE, Decimal("1.5")), [2]),
    (rule("score", O.IS, Decimal("1.5")), [1]),
    (rule("is_vip", O.IS_TRUE), [1]),
    (rule("is_vip", O.IS_FALSE), [2]),
    (rule("is_vip", O.EMPTY), [3, 4]),
    (rule("data", O.IS, "Rom", "city"), [1]),
    (rule("data", O.EMPTY, None, "city"), [2, 3, 4]),
    (rule("data", O.AT_LEAST, 44, "age"), [1, 3]),
    (rule("data", O.IS, "44", "age"), [1, 2]),
    (rule("data", O.IN, (44, Decimal("44.5")), "age"), [1, 3]),
    (rule("data", O.IS, True, "vip"), [1]),
    (rule("data", O.IS_NOT, True, "vip"), [2, 3, 4]),
    (rule("data", O.IS, "x", "deep", "er"), [1]),
    (rule("data", O.NOT_EMPTY, None, "deep", "0"), []),
    (rule("tags", O.HAS_ANY, ("red", "green")), [1, 3]),
    (rule("tags", O.HAS_ALL, ("red", "blue")), [1]),
    (rule("tags", O.HAS_NONE, ("red",)), [2, 4]),
    (rule("tags", O.EMPTY), [2, 4]),
    (rule("tags", O.NOT_EMPTY), [1, 3]),
    (Condition(Field("country", hops=BY_REP), O.IS, "USA"), [2, 3]),
    (Condition(Field("country", hops=(REP, REP)), O.IS, "USA"), [4]),
    (Condition(Field("data", ("age",), BY_REP), O.IS, 44), [2, 3]),
    (Condition(Field("country", hops=BY_REP), O.EMPTY), [1]),
    (related(OWN, HAS), [1, 2]),
    (related(OWN, NONE), [3, 4]),
    (related(OWN, HAS, rule("total", O.MORE, 6)), [1]),
    (related(OWN, COUNT, operator=O.IS, value=0), [3, 4]),
    (related(OWN, Measure.SUM, field="total", operator=O.IS, value=Decimal("12.50")), [1]),
    (related(OWN, Measure.SUM, field="total", operator=O.LESS, value=2), [2, 3, 4]),
    (related(OWN, Measure.MAX, field="total", operator=O.IS_NOT, value=1), [1, 3, 4]),
    (related(OWN, Measure.MIN, field="on_day", operator=O.EMPTY), [3, 4]),
    (related(OWN, Measure.LAST, field="total", by="on_day", operator=O.IS, value=1), [2]),
    (related(OWN, Measure.LAST, field="total", by="on_day", operator=O.IS, value=5), [1]),
    (related(OF_LINES, HAS, rule("product", O.IS, "ink")), [1, 2]),
    (related(OF_LINES, COUNT, operator=O.AT_LEAST, value=2), [1]),
    (
        related(
            OF_LINES,
            HAS,
            rule("product", O.IS, "ink"),
            Condition(Field("total", step=1), O.EMPTY),
        ),
        [2],
    ),
    (related(OWN, HAS, related((LINES,), NONE)), [1, 2]),
    (replace(related(OF_LINES, Measure.SUM, operator=O.IS, value=10), field=OF_INVOICE), [1]),
    (replace(related(OF_LINES, Measure.MAX, operator=O.EMPTY), field=OF_INVOICE), [2, 3, 4]),
    (related(OWN, COUNT, operator=O.NOT_IN, value=(0, 1)), [1, 2]),
    (related(OWN, COUNT, operator=O.BETWEEN, value=Between(0, 1)), [3, 4]),
    (related(OWN, COUNT, related((LINES,), NONE), operator=O.IS, value=1), [1, 2]),
    (any_of(rule("country", O.IS, "USA"), rule("country", O.EMPTY)), [1, 3, 4]),
    (none_of(rule("country", O.IS, "USA"), rule("data", O.IS, "44", "age")), [3, 4]),
    (none_of(none_of(rule("country", O.IS, "USA"))), [1]),
    (none_of(related(OWN, NONE)), [1, 2]),
    (none_of(any_of(rule("country", O.IS, "USA"), related(OWN, HAS))), [3, 4]),
    (all_of(), [1, 2, 3, 4]),
    (none_of(replace(rule("country", O.IS, "USA"), is_off=True)), [1, 2, 3, 4]),
]


def _site(place: Place) -> Site:
    return replace(site_in(place.schema, place.server), now=NOW)


@pytest.mark.parametrize(("asked", "people"), CASES, ids=range(len(CASES)))
def test_a_rule_selects_exactly_those_who_fulfil_it(
    place: Place, asked: Rule, people: list[int]
) -> None:
    site = _site(place)
    wanted = criteria(moved(asked, place.schema))
    assert sorted(key for (key,) in place.rows(keys_sql(wanted, site))) == people
    assert place.rows(count_sql(wanted, site)) == [(len(people),)]


@pytest.mark.parametrize(("asked", "people"), CASES, ids=range(len(CASES)))
def test_none_of_a_rule_selects_exactly_all_others(
    place: Place, asked: Rule, people: list[int]
) -> None:
    wanted = criteria(none_of(moved(asked, place.schema)))
    others = sorted({1, 2, 3, 4} - set(people)) if says(asked) else [1, 2, 3, 4]
    assert sorted(key for (key,) in place.rows(keys_sql(wanted, _site(place)))) == others


def test_the_people_come_with_what_a_letter_needs(place: Place) -> None:
    (row,) = place.rows(select_sql(criteria(rule("id", O.IS, 1)), _site(place)))
    *columns, data = row
    assert columns == ["1", "a@x.example", None, None, None, None, True]
    assert (json.loads(data) if isinstance(data, str) else data) == {
        "country": "USA",
        "born": "1980-11-24",
        "is_vip": True,
        "data": {"city": "Rom", "age": 44, "vip": True, "deep": {"er": "x"}},
        "tags": ["red", "blue"],
    }


def test_a_sample_is_the_first_by_key(place: Place) -> None:
    sample = place.rows(sample_sql(criteria(), _site(place), 2))
    assert [row[0] for row in sample] == ["1", "2"]


def test_a_fault_names_its_rule(place: Place) -> None:
    wanted = criteria(rule("id", O.IS, 1), any_of(rule("id", O.IS, 2), rule("country", O.IS, "\0")))
    with pytest.raises(CannotCompile, match=r"Rule 2\.2: a text with NUL"):
        keys_sql(wanted, _site(place))


def test_what_only_the_server_cannot_say_names_its_rule(place: Place) -> None:
    long = Decimal(1).scaleb(-60)
    asked = related(OWN, HAS, rule("total", O.IS, 1), rule("total", O.LESS, long))
    wanted = criteria(rule("id", O.IS, 1), moved(asked, place.schema))
    if place.server is Server.POSTGRESQL:
        assert place.rows(keys_sql(wanted, _site(place))) == []
        return
    with pytest.raises(CannotCompile, match=r"Rule 2\.2: a number of more than"):
        keys_sql(wanted, _site(place))


@pytest.mark.parametrize("place", [Server.POSTGRESQL], indirect=True)
@pytest.mark.parametrize(
    "asked",
    [
        related(OWN, HAS, rule("total", O.MORE, 6)),
        related(OWN, NONE),
        none_of(related(OWN, HAS, rule("total", O.MORE, 6))),
        related(OWN, COUNT, operator=O.AT_LEAST, value=2),
        related(OWN, COUNT, operator=O.LESS, value=2),
        related(OWN, Measure.SUM, field="total", operator=O.AT_LEAST, value=40),
    ],
)
def test_related_rows_are_not_looked_up_person_by_person(place: Place, asked: Rule) -> None:
    plan = place.rows(f"EXPLAIN {keys_sql(criteria(asked), _site(place))}")
    assert not [line for (line,) in plan if "SubPlan" in line]


def test_more_variables_than_a_function_takes_arguments(place: Place) -> None:
    site = _site(place)
    many = replace(site, mapping=replace(site.mapping, variables=("country", "born") * 60))
    (row,) = place.rows(select_sql(criteria(rule("id", O.IS, 1)), many))
    data = json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]
    assert data == {"country": "USA", "born": "1980-11-24"}


@pytest.mark.parametrize("write", [postgresql.write, mariadb.write])
@pytest.mark.parametrize(
    "stray",
    [column("word") == "text", column("n") == 1, column("n").in_([1, 2]), column("word").like("x")],
)
def test_nothing_but_our_own_constants_comes_out(
    write: Callable[[ClauseElement], str], stray: ClauseElement
) -> None:
    with pytest.raises(AssertionError, match="about to be"):
        write(stray)


@pytest.mark.parametrize(
    "asked",
    [
        rule("score", O.IS, Decimal("NaN")),
        rule("score", O.LESS, Decimal("-Infinity")),
        rule("score", O.LESS, Decimal("1E+5000")),
        rule("id", O.IN, (1, 10**5000)),
        rule("seen", O.BEFORE, datetime(2026, 1, 1)),  # noqa: DTZ001 - of no zone.
        rule("seen", O.IN_LAST, Span(1001, Unit.YEARS)),
        rule("seen", O.IN_NEXT, Span(0, Unit.DAYS)),
        rule("country", O.LESS, "x"),
        rule("country", O.IN, ()),
        rule("tags", O.HAS_ANY, ()),
        rule("nothing", O.EMPTY),
        related((REP,), HAS, related((INVOICES, REP), HAS)),
    ],
    ids=range(12),
)
def test_what_has_no_meaning_is_refused_by_its_number(place: Place, asked: Rule) -> None:
    wanted = criteria(rule("id", O.IS, 1), none_of(moved(asked, place.schema)))
    with pytest.raises(CannotCompile, match=r"^Rule 2\.1"):
        keys_sql(wanted, _site(place))
