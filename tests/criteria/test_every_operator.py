"""Every operator on every kind of column, over the cells at its edges, and every measure.

Rules that are drawn meet such cells too seldom: here each value meets each cell.
"""

import itertools
import random
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from postroad.core.criteria.comparison import Cell
from postroad.core.criteria.days import after, before
from postroad.core.criteria.evaluate import NOWHERE, Rows, people_of
from postroad.core.criteria.operators import (
    FIELD_KINDS,
    OPERATORS,
    ORDERED,
    PARTS_OF_TEXT,
    TEMPORAL,
    Form,
    Shape,
    Sort,
    shapes_of,
)
from postroad.core.criteria.schema import Column, Kind
from postroad.core.criteria.tree import Criteria, Field, Measure, Operator, Related
from postroad.core.criteria.values import Around, Between, Span, Unit, Value
from postroad.sources.compile.where import Server
from postroad.testing.criteria_rows import (
    DECIMALS,
    FLOATS,
    MARIADB,
    NOWS,
    ORDER,
    PERSON,
    POSTGRESQL,
    SCHEMA,
    TEXTS,
    WHOLES,
    Reach,
)

from .filling import World, empty_place, fill, keys
from .kit import ORDERS, all_of, database, rule
from .servers import Place

SPANS = [
    *(Span(count, Unit.DAYS) for count in (1, 90)),
    Span(2, Unit.WEEKS),
    *(Span(count, Unit.MONTHS) for count in (1, 2, 3, 12)),
    *(Span(count, Unit.YEARS) for count in (1, 4)),
]
LEAP_YEAR = [date(2000, 1, 1) + timedelta(days=count) for count in range(366)]
DOCUMENTS: list[Cell] = [
    *({"a": cell} for cell in (None, True, False, 0, 1, -2, Decimal("1.5"), Decimal("10.50"))),
    *({"a": text} for text in ("", "1", "true", "null", "a%b", "é", "O'Neil", '"', "\\", "A")),
    *({"a": inner} for inner in ([], {}, ["x", 1, None], {"b": 1}, {"b": "é\n"}, {"0": "x"})),
    {},
    {"k'\\\"": "1", "😀": 1, "": True, "a.b": "A"},
]
PATHS = [(), ("a",), ("a", "b"), ("a", "0"), ("k'\\\"",), ("😀",), ("",), ("a.b",)]
ARRAYS: list[list[str | None]] = [[], ["a"], ["a", "b"], [None], ["b", None], ["", "O'Neil"], ["é"]]


@pytest.fixture(scope="module", params=list(Server))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with empty_place(request) as made:
        yield made


def days_at_edges(now: datetime) -> list[date]:
    today = now.date()
    ends = [today, *(before(today, one) for one in SPANS), *(after(today, one) for one in SPANS)]
    return [end + timedelta(days=so) for end in ends for so in (-1, 0, 1)]


def moments_at_edges(now: datetime) -> list[datetime]:
    ends = [now, *(before(now, one) for one in SPANS), *(after(now, one) for one in SPANS)]
    return [end + timedelta(microseconds=so) for end in ends for so in (-1, 0, 1)]


def cells_at_edges(kind: Kind, now: datetime, reach: Reach) -> list[Cell]:
    moments = [*moments_at_edges(now), *reach.moments]
    held: dict[Kind, list[Cell]] = {
        Kind.TEXT: [*TEXTS],
        Kind.INTEGER: [*WHOLES],
        Kind.DECIMAL: [*DECIMALS],
        Kind.FLOAT: [*FLOATS],
        Kind.BOOLEAN: [True, False],
        Kind.DATE: [*days_at_edges(now), *LEAP_YEAR, *reach.days],
        Kind.TIMESTAMP: [one.replace(tzinfo=None) for one in moments],
        Kind.MOMENT: [*moments],
        Kind.JSON: DOCUMENTS,
        Kind.TEXTS: ARRAYS,
    }
    return [None, *held[kind]]


def values(shape: Shape, kind: Kind, now: datetime) -> Iterable[Value]:
    """Those that a column of this kind is asked with here."""
    days, moments = days_at_edges(now)[:9], moments_at_edges(now)[:9]
    json_texts = ("", "1", "1.5", "10.50", "true", "null", "a", '{"b": 1}', '["x", 1, null]', "é")
    held: dict[Sort, tuple[Any, ...]] = {
        Sort.TEXT: {Kind.JSON: json_texts, Kind.TEXTS: ("a", "b", "", "é")}.get(kind, TEXTS),
        Sort.WHOLE: WHOLES,
        Sort.NUMBER: (0, 1, -2, 100, Decimal("1.50"), Decimal("0.1"), Decimal("20.00")),
        Sort.FLAG: (True, False),
        Sort.DAY: (*days, date(2000, 2, 29)),
        Sort.MOMENT: (*moments,),
    }
    match shape.form:
        case Form.NOTHING:
            yield None
        case Form.SPAN:
            yield from SPANS
        case Form.AROUND:
            yield from Around
        case Form.ONE:
            for sort in shape.sorts:
                yield from held[sort]
        case Form.LIST:
            for sort in shape.sorts:
                yield from itertools.combinations(held[sort][:5], 2)
                yield held[sort]
        case Form.BETWEEN:
            ends = sorted(held[shape.sorts[0]])
            yield from (Between(low, high) for low, high in itertools.pairwise(ends))


def agree(place: Place, world: World, asked: Criteria) -> None:
    found = sorted(key for (key,) in place.rows(keys(asked, place, world)))
    assert found == people_of(asked, world.rows, world.now), asked


CASES = [
    (kind, now)
    for kind in Kind
    if OPERATORS[kind]
    for now in (NOWS if kind in TEMPORAL else NOWS[:1])
]


@pytest.mark.parametrize(("kind", "now"), CASES, ids=str)
def test_each_value_meets_each_cell(place: Place, kind: Kind, now: datetime) -> None:
    people = SCHEMA.table(PERSON)
    assert people is not None
    name = next(one.name for one in people.columns if one.kind is kind and one.name != "id")
    reach = POSTGRESQL if place.server is Server.POSTGRESQL else MARIADB
    cells = enumerate(cells_at_edges(kind, now, reach), 1)
    world = World(now, database([{"id": number, name: cell} for number, cell in cells]), NOWHERE)
    fill(place, world)
    for path, operator, value in conditions(kind, now):
        agree(place, world, Criteria(all_of(rule(Field(name, path), operator, value))))


def conditions(kind: Kind, now: datetime) -> Iterator[tuple[tuple[str, ...], Operator, Value]]:
    """Of JSON every operator at one path, and a few at all."""
    for operator, shape in OPERATORS[kind].items():
        for value in values(shape, kind, now):
            if operator in PARTS_OF_TEXT and value == "":
                continue
            is_json = kind is Kind.JSON
            yield (("a",) if is_json else ()), operator, value
            if is_json and operator in (Operator.IS, Operator.EMPTY):
                yield from ((path, operator, value) for path in PATHS)


def orders_with_ties() -> Rows:
    """Several orders a person, most cells NULL or the same as another's."""
    drawn = random.Random(41)
    now = NOWS[0]
    cells: dict[str, list[Any]] = {
        "placed": [now, now - timedelta(days=40)],
        "due": [now.date(), date(2000, 2, 29)],
        "total": [Decimal("20.00"), Decimal("-0.01"), Decimal(0)],
        "weight": [0.5, -1.0],
        "state": ["", "a", "b"],
        "paid": [True, False],
        "extra": [{}, {"a": 1}],
        "labels": [[], ["a"]],
        "person": [*range(1, 30)],
    }
    orders = [
        {"id": number, **{name: drawn.choice([None, *held]) for name, held in cells.items()}}
        for number in range(1, 90)
    ]
    drawn.shuffle(orders)
    return database([{"id": number} for number in range(1, 31)], orders)


MEASURED: dict[Kind, tuple[Value, ...]] = {
    Kind.TEXT: ("a", "b"),
    Kind.INTEGER: (0, 2, 3, 40),
    Kind.DECIMAL: (0, Decimal("20.00"), Decimal("19.99")),
    Kind.FLOAT: (0, Decimal("0.5")),
    Kind.DATE: (NOWS[0].date(),),
    Kind.MOMENT: (NOWS[0],),
}


def measures(columns: Iterable[Column]) -> Iterator[tuple[Measure, Column, str | None]]:
    """Each with each column that it can be of, and each that it can go by."""
    for measure, column in itertools.product(Measure, columns):
        if column.kind in FIELD_KINDS[measure]:
            by = [one.name for one in columns if one.kind in ORDERED]
            yield from (
                (measure, column, one) for one in (by if measure is Measure.LAST else [None])
            )


def test_each_measure_meets_ties_and_nulls(place: Place) -> None:
    world = World(NOWS[0], orders_with_ties(), NOWHERE)
    fill(place, world)
    table = SCHEMA.table(ORDER)
    assert table is not None
    for measure, column, by in measures(table.columns):
        wanted = shapes_of(measure, column.kind)
        for operator in (Operator.IS, Operator.IS_NOT, Operator.AT_LEAST, Operator.EMPTY):
            if operator not in wanted:
                continue
            held = MEASURED.get(column.kind, ())
            for value in (None,) if operator is Operator.EMPTY else held:
                asked = Related(
                    (ORDERS,),
                    measure,
                    all_of(),
                    Field(column.name),
                    None if by is None else Field(by),
                    operator,
                    value,
                )
                agree(place, world, Criteria(all_of(asked)))


def test_the_cells_are_at_the_edges() -> None:
    """The last instant and the one before it are told apart, the ends of months are there."""
    held = moments_at_edges(NOWS[1])
    assert datetime(2023, 2, 28, 10, 30, 0, 500, tzinfo=UTC) in held
    assert datetime(2023, 2, 28, 10, 30, 0, 499, tzinfo=UTC) in held
