"""Anniversaries and spans on every day that is near, as Python counts them."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta

import pytest

from postroad.core.criteria.comparison import holds
from postroad.core.criteria.schema import Column, Kind, Mapping, Schema, Table, TableName
from postroad.core.criteria.tree import Operator
from postroad.core.criteria.values import Around, Span, Unit, Value
from postroad.sources.compile.statements import keys_sql
from postroad.sources.compile.where import Server, Site

from .servers import Place, mariadb_place, postgresql_place
from .shop import SCHEMA, criteria, rule

FIRST, COUNT = date(2024, 1, 1), 2 * 365 + 1
DAYS = [FIRST + timedelta(days=number) for number in range(COUNT)]
NOWS = [
    datetime(*day, 23, 30, tzinfo=UTC)
    for day in (
        (2024, 2, 28),
        (2024, 2, 29),
        (2025, 2, 27),
        (2025, 2, 28),
        (2025, 3, 1),
        (2024, 1, 31),
        (2025, 1, 31),
        (2024, 3, 31),
        (2024, 12, 29),
        (2024, 12, 30),
        (2023, 12, 31),
        (2025, 1, 1),
    )
]
TYPES = {
    Server.POSTGRESQL: {"day": "date", "wall": "timestamp", "moment": "timestamptz"},
    Server.MARIADB: {"day": "date", "wall": "datetime(6)", "moment": "timestamp(6) NULL"},
}
KINDS = {"day": Kind.DATE, "wall": Kind.TIMESTAMP, "moment": Kind.MOMENT}
ASKED: list[tuple[Operator, Value]] = [
    *((Operator.ANNIVERSARY, around) for around in Around),
    *(
        (operator, Span(count, unit))
        for operator in (Operator.IN_LAST, Operator.IN_NEXT, Operator.NOT_IN_LAST)
        for count, unit in (
            (1, Unit.DAYS),
            (2, Unit.WEEKS),
            (1, Unit.MONTHS),
            (11, Unit.MONTHS),
            (1, Unit.YEARS),
        )
    ),
]


@pytest.fixture(scope="module", params=list(Server))
def calendar(request: pytest.FixtureRequest) -> Iterator[Place]:
    """A row a day; the moments late in the evening, half an hour before midnight in UTC."""
    with ExitStack() as stack:
        if request.param is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            server = request.getfixturevalue("postgres_server")
            place = stack.enter_context(postgresql_place(server, template, SCHEMA))
        else:
            server = request.getfixturevalue("mariadb")
            place = stack.enter_context(mariadb_place(server, "SELECT 1"))
        columns = ", ".join(f"{name} {kind}" for name, kind in TYPES[place.server].items())
        place.run(f"CREATE TABLE {place.schema}.calendar (id int PRIMARY KEY, {columns})")
        late = [f"{day} 23:30:00" for day in DAYS]
        zone = "+00" if place.server is Server.POSTGRESQL else ""
        rows = ", ".join(
            f"({number}, '{DAYS[number]}', '{at}', '{at}{zone}')" for number, at in enumerate(late)
        )
        place.run(f"INSERT INTO {place.schema}.calendar VALUES {rows}")
        yield place


@pytest.mark.parametrize(
    ("now", "column"),
    [(now, column) for column in KINDS for now in (NOWS if column == "day" else NOWS[::3])],
    ids=str,
)
def test_days_are_counted_as_python_counts_them(
    calendar: Place, now: datetime, column: str
) -> None:
    name = TableName(calendar.schema, "calendar")
    columns = tuple(Column(one, kind) for one, kind in KINDS.items())
    table = Table(name, (Column("id", Kind.INTEGER), *columns), ("id",))
    site = Site(calendar.server, Schema((table,)), Mapping(name, "id", "id"), now=now)
    for operator, value in ASKED:
        found = calendar.rows(keys_sql(criteria(rule(column, operator, value)), site))
        kind = KINDS[column]
        wanted = [
            number
            for number, day in enumerate(DAYS)
            if holds(_cell(day, kind), kind, operator, value, now)
        ]
        assert sorted(key for (key,) in found) == wanted, (operator, value)


def _cell(day: date, kind: Kind) -> date:
    if kind is Kind.DATE:
        return day
    at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC)
    return at if kind is Kind.MOMENT else at.replace(tzinfo=None)
