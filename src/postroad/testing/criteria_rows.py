"""A schema with every kind of column, and strategies for rows of it.

Person 1:n orders 1:n lines n:1 product n:1 genre; people also refer people. Foreign keys are not
enforced: some point to nothing, as in a database of somebody else.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from postroad.core.criteria.comparison import Cell
from postroad.core.criteria.evaluate import Row, Rows
from postroad.core.criteria.schema import Column, ForeignKey, Kind, Schema, Table, TableName

PLACE = "shop"
PERSON = TableName(PLACE, "person")
ORDER = TableName(PLACE, "order")
LINE = TableName(PLACE, "line of order")
PRODUCT = TableName(PLACE, "product")
GENRE = TableName(PLACE, "genre")
KEY = "id"


def _table(name: TableName, key: tuple[str, ...], columns: str) -> Table:
    """`columns`: "name kind, name kind"; those of the key are never NULL."""
    pairs = [pair.rsplit(" ", 1) for pair in columns.split(", ")]
    made = tuple(Column(one, Kind(kind), is_nullable=one not in key) for one, kind in pairs)
    return Table(name, made, key)


SCHEMA = Schema(
    tables=(
        _table(
            PERSON,
            ("id",),
            "id integer, name text, age integer, balance decimal, score float, member boolean, "
            "born date, woke timestamp, joined moment, notes json, tags texts, face other, "
            "referrer integer",
        ),
        _table(
            ORDER,
            ("id",),
            "id integer, person integer, placed moment, due date, total decimal, weight float, "
            "state text, paid boolean, extra json, labels texts",
        ),
        _table(
            LINE,
            ("order", "number"),
            "order integer, number integer, maker text, code integer, pieces integer, "
            "packed timestamp",
        ),
        _table(
            PRODUCT,
            ("maker", "code"),
            "maker text, code integer, name text, price decimal, since date, genre integer",
        ),
        _table(GENRE, ("id",), "id integer, the name text, rank float"),
    ),
    foreign_keys=(
        ForeignKey("referred", PERSON, ("referrer",), PERSON, ("id",)),
        ForeignKey("order's person", ORDER, ("person",), PERSON, ("id",)),
        ForeignKey("line_order", LINE, ("order",), ORDER, ("id",)),
        ForeignKey("line_product", LINE, ("maker", "code"), PRODUCT, ("maker", "code")),
        ForeignKey("product_genre", PRODUCT, ("genre",), GENRE, ("id",)),
    ),
)

SMALL_KEYS = st.integers(1, 4)

TEXTS = (
    *("", " ", "a", "A", "a ", " a", "ab", "b", "aa", "Norway", "norway", "O'Neil", "''", "\\"),
    *("\\'", "%", "_", "a_b", "a%b", "!", "!%", "$$", ":name", "%s", "\u2019", "\uff07", "é"),
    *("e\u0301", "ß", "SS", "İ", "😀", "日本", "\u00bf\\", "\n", "\t", "\x01", "\x7f", '"', "`"),
    *("null", "true", "1", "1.0", "{}", "[]", "--", "/*", "\u202e", "\ufeff", "\U0010ffff"),
)
"""Where escaping, folding, padding, normalising and LIKE go wrong. A value often is one of them."""

WHOLES = (0, 1, -1, 2, 3, 7, 100, 2**31, -(2**31), 2**53 + 1, 2**63 - 1, -(2**63))
DECIMALS = tuple(
    Decimal(text)
    for text in ("0", "1", "-1", "0.1", "20.00", "19.99", "0.000001", "-0.5", "1" + "0" * 20)
)
FLOATS = (0.0, 1.0, -1.0, 0.5, 0.25, 20.0, 100.0, 1048576.0)
EXTREME_FLOATS = (*FLOATS, 0.1, 1e300, -1e300, 1e-300, 2.0**53)
DAYS = (date(2024, 2, 29), date(2023, 3, 31), date(2024, 12, 31), date(2000, 1, 1))


@dataclass(frozen=True, slots=True)
class Reach:
    """The earliest and latest days and moments that a server can keep."""

    days: tuple[date, date] = (date(1, 1, 1), date(9999, 12, 31))
    moments: tuple[datetime, datetime] = (
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, tzinfo=UTC),
    )
    left_out: frozenset[str] = field(default=frozenset())
    """Characters that it cannot keep in a text, besides NUL."""


POSTGRESQL = Reach()
MARIADB = Reach(
    days=(date(1000, 1, 1), date(9999, 12, 31)),
    moments=(datetime(1970, 1, 2, tzinfo=UTC), datetime(2038, 1, 18, tzinfo=UTC)),
)


@cache
def texts(reach: Reach = POSTGRESQL) -> st.SearchStrategy[str]:
    """Mostly such as go wrong; no NUL, no lone surrogate."""
    left_out = "".join(sorted({"\x00", *reach.left_out}))
    characters = st.characters(codec="utf-8", exclude_characters=left_out)
    kept = [text for text in TEXTS if not set(text) & reach.left_out]
    return st.sampled_from(kept) | st.text(characters, max_size=6)


@cache
def wholes() -> st.SearchStrategy[int]:
    return st.integers(-3, 3) | st.sampled_from(WHOLES)


@cache
def decimals() -> st.SearchStrategy[Decimal]:
    """At most 38 digits, at most 10 of them after the point."""
    drawn = st.decimals(min_value=-(10**6), max_value=10**6, places=2)
    return drawn | st.sampled_from(DECIMALS)


def days(now: datetime, reach: Reach = POSTGRESQL) -> st.SearchStrategy[date]:
    """Near today, of any year around today, at the ends of what there is."""
    today = now.date()
    near = st.integers(-400, 400).map(lambda offset: today + timedelta(days=offset))
    birthday = st.builds(
        lambda day, year: day.replace(year=year), near, st.sampled_from((1904, 1996, 2000, 2024))
    ).filter(lambda day: reach.days[0] <= day <= reach.days[1])
    leap = st.sampled_from([*DAYS, *reach.days])
    return near | leap | birthday if (today.month, today.day) != (2, 29) else near | leap


def moments(now: datetime, reach: Reach = POSTGRESQL) -> st.SearchStrategy[datetime]:
    near = st.integers(-400, 400).map(lambda offset: now + timedelta(days=offset))
    close = st.sampled_from((-1, 0, 1)).map(lambda offset: now + timedelta(microseconds=offset))
    return near | close | st.sampled_from(reach.moments)


NOWS = tuple(
    datetime(*day, 10, 30, 0, 500, tzinfo=UTC)
    for day in ((2024, 2, 29), (2023, 3, 31), (2023, 12, 31), (2025, 1, 1), (2026, 11, 24))
)
"""Ends of months and years among them; far enough from 2038 for MariaDB's TIMESTAMP."""


def nows() -> st.SearchStrategy[datetime]:
    return st.sampled_from(NOWS)


JSON_KEYS = ("a", "b", "0", "k'\\\"", "a.b", "😀", "")


@cache
def documents(reach: Reach = POSTGRESQL) -> st.SearchStrategy[Cell]:
    """Objects, as `json_text` writes them. Numbers are exact in every server."""
    leaves = (
        st.none() | st.booleans() | st.integers(-(10**6), 10**6) | texts(reach)
        | st.decimals(min_value=-100, max_value=100, places=1).filter(bool)
    )  # fmt: skip
    keys = st.sampled_from(JSON_KEYS)
    inner = st.recursive(
        leaves,
        lambda below: st.lists(below, max_size=2) | st.dictionaries(keys, below, max_size=2),
        max_leaves=3,
    )
    return st.dictionaries(keys, inner, max_size=3)


@cache
def cells(kind: Kind, now: datetime, reach: Reach = POSTGRESQL) -> st.SearchStrategy[Any]:
    """What a column of this kind may hold, besides NULL."""
    match kind:
        case Kind.DATE:
            return days(now, reach)
        case Kind.MOMENT:
            return moments(now, reach)
        case Kind.TIMESTAMP:
            return moments(now, reach).map(lambda one: one.replace(tzinfo=None))
        case Kind.TEXT:
            return texts(reach)
        case Kind.JSON:
            return documents(reach)
        case _:
            return _TIMELESS[kind]


_TIMELESS: Mapping[Kind, st.SearchStrategy[Any]] = {
    Kind.INTEGER: wholes(),
    Kind.DECIMAL: decimals(),
    Kind.FLOAT: st.sampled_from(FLOATS),
    Kind.BOOLEAN: st.booleans(),
    Kind.TEXTS: st.lists(st.sampled_from(("a", "b", "", "O'Neil", "NULL", None)), max_size=3),
    Kind.OTHER: st.just("?"),
}

_LINKS = {"id", "person", "referrer", "order", "number", "code", "genre"}


def _row(table: Table, now: datetime, reach: Reach) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries(
        {column.name: _cell(column, table, now, reach) for column in table.columns}
    )


def _cell(column: Column, table: Table, now: datetime, reach: Reach) -> st.SearchStrategy[Any]:
    drawn = cells(column.kind, now, reach)
    if column.name in _LINKS:
        drawn = SMALL_KEYS
    elif column.name == "maker":
        drawn = st.sampled_from(string.ascii_uppercase[:2])
    elif (table.name, column.name) == (PERSON, "score"):
        drawn = st.sampled_from(EXTREME_FLOATS)  # Not summed up: it is nobody's related row.
    return st.none() | drawn if column.is_nullable else drawn


@cache
def databases(
    now: datetime, reach: Reach = POSTGRESQL, people: tuple[int, int] = (1, 3)
) -> st.SearchStrategy[Rows]:
    """Up to three rows a table, four lines, unique by their primary keys; so many people."""
    ends = {PERSON: people, LINE: (0, 4)}
    drawn = {
        table.name: st.lists(
            _row(table, now, reach),
            min_size=ends.get(table.name, (0, 3))[0],
            max_size=ends.get(table.name, (0, 3))[1],
            unique_by=lambda row, key=table.key: tuple(row[name] for name in key),  # type: ignore[misc]
        )
        for table in SCHEMA.tables
    }
    return st.fixed_dictionaries(drawn).map(lambda rows: Rows(SCHEMA, PERSON, KEY, rows))


POSTGRESQL_TYPES = {
    Kind.TEXT: 'text COLLATE "C"',
    Kind.INTEGER: "bigint",
    Kind.DECIMAL: "numeric",
    Kind.FLOAT: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamp",
    Kind.MOMENT: "timestamptz",
    Kind.JSON: "jsonb",
    Kind.TEXTS: 'text[] COLLATE "C"',
    Kind.OTHER: "text",
}
"""Kinds as types in which the servers and Python agree."""

MARIADB_TYPES = {
    Kind.TEXT: "varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    Kind.INTEGER: "bigint",
    Kind.DECIMAL: "decimal(48,10)",
    Kind.FLOAT: "double",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "datetime(6)",
    Kind.MOMENT: "timestamp(6) NULL DEFAULT NULL",
    Kind.JSON: "json",
    Kind.OTHER: "varchar(200)",
}
"""Of texts there is no array: leave those columns out."""
