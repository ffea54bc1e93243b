"""Random rows of a small world, and random rules about them: every kind, operator and measure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from postroad.core.criteria.evaluate import Rows
from postroad.core.criteria.operators import (
    FIELD_KINDS,
    OPERATORS,
    ORDERED,
    Form,
    Shape,
    Shapes,
    Sort,
    shapes_of,
)
from postroad.core.criteria.schema import Column, ForeignKey, Kind, Schema, Table, TableName
from postroad.core.criteria.schema import Mapping as Mapped
from postroad.core.criteria.tree import (
    Condition,
    Criteria,
    Field,
    Group,
    GroupKind,
    Hop,
    Measure,
    Operator,
    Related,
    Rule,
)
from postroad.core.criteria.values import Around, Between, Span, Unit, Value

NOW = datetime(2026, 2, 28, 10, 30, tzinfo=UTC)
"""A leap day's people have their day today; a month back, and on, is a short one."""

# What there is.

_COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    "person": {
        "id": Kind.INTEGER,
        "word": Kind.TEXT,
        "whole": Kind.INTEGER,
        "price": Kind.DECIMAL,
        "score": Kind.FLOAT,
        "is_on": Kind.BOOLEAN,
        "day": Kind.DATE,
        "wall": Kind.TIMESTAMP,
        "seen": Kind.MOMENT,
        "data": Kind.JSON,
        "tags": Kind.TEXTS,
        "friend": Kind.INTEGER,
    },
    "bill": {
        "id": Kind.INTEGER,
        "person": Kind.INTEGER,
        "price": Kind.DECIMAL,
        "day": Kind.DATE,
        "word": Kind.TEXT,
        "data": Kind.JSON,
        "score": Kind.FLOAT,
    },
    "line": {"bill": Kind.INTEGER, "n": Kind.INTEGER, "word": Kind.TEXT, "whole": Kind.INTEGER},
    "note": {"id": Kind.INTEGER, "bill": Kind.INTEGER, "n": Kind.INTEGER, "seen": Kind.MOMENT},
}
_KEYS = {"person": ("id",), "bill": ("id",), "line": ("bill", "n"), "note": ("id",)}
_FOREIGN_KEYS = {
    "friend": ("person", ("friend",), "person", ("id",)),
    "buyer": ("bill", ("person",), "person", ("id",)),
    "of_bill": ("line", ("bill",), "bill", ("id",)),
    "of_line": ("note", ("bill", "n"), "line", ("bill", "n")),
}


def schema_in(name: str) -> Schema:
    tables = tuple(
        Table(
            TableName(name, table),
            tuple(
                Column(column, kind, type_words=_words(table, column))
                for column, kind in columns.items()
            ),
            _KEYS[table],
        )
        for table, columns in _COLUMNS.items()
    )
    keys = tuple(
        ForeignKey(key, TableName(name, table), columns, TableName(name, target), others)
        for key, (table, columns, target, others) in _FOREIGN_KEYS.items()
    )
    return Schema(tables, keys)


def _words(table: str, column: str) -> str:
    """One of the two columns of JSON is not binary in PostgreSQL."""
    return "json" if (table, column) == ("bill", "data") else ""


def mapping_in(name: str) -> Mapped:
    return Mapped(TableName(name, "person"), "id", "word")


# Cells.

TEXTS = (
    "",
    " ",
    "a",
    "A",
    "a ",
    "ab",
    "ba",
    "é",
    "e\u0301",
    "%",
    "_",
    "!",
    "\\",
    "'",
    '"',
    "a\nb",
    "\x01",
    "0",
    "1",
    "true",
    "null",
    "😀",
    "’",
)
texts = st.sampled_from(TEXTS) | st.text("aA!%_\\'\"é 1", max_size=4)
wholes = st.integers(-3, 3) | st.sampled_from((2**31, -(2**31) - 1, 2**63 - 1, -(2**63)))
prices = st.decimals(-3, 3, places=2) | st.sampled_from(
    (Decimal("99999999999999.99"), Decimal("-0.01"), Decimal("2.50"))
)
scores = st.sampled_from((-2.5, -0.0, 0.0, 0.25, 1.0, 1.5, 4096.0))
days = st.integers(-40, 40).map(lambda so: NOW.date() + timedelta(so)) | st.sampled_from(
    (
        date(1, 1, 1),
        date(9999, 12, 31),
        date(1996, 2, 29),
        date(1997, 2, 28),
        date(1980, 3, 1),
        date(1970, 1, 1),
        date(1975, 12, 31),
    )
)
_moments = st.integers(-40 * 24, 40 * 24).map(lambda so: NOW + timedelta(hours=so))
_microseconds = st.sampled_from((0, 0, 1, -1))
moments = st.builds(lambda at, so: at + timedelta(microseconds=so), _moments, _microseconds)
_documents = st.recursive(
    st.none()
    | st.booleans()
    | texts
    | st.integers(-3, 3)
    | st.sampled_from((Decimal("1.5"), Decimal("-0.25"))),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(("a", "b", "0", "é", 'q"x', "q\\")), inner, max_size=3)
    ),
    max_leaves=5,
)

_CELLS: Mapping[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: texts,
    Kind.INTEGER: wholes,
    Kind.DECIMAL: prices,
    Kind.FLOAT: scores,
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: days,
    Kind.TIMESTAMP: moments.map(lambda at: at.replace(tzinfo=None)),
    Kind.MOMENT: moments,
    Kind.JSON: _documents,
    Kind.TEXTS: st.lists(texts, max_size=3),
}
_REFERENCES = {"friend", "person", "bill", "n"}


@st.composite
def tables(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Rows by table; references lead to rows, nowhere, and to rows that are not there."""
    return {name: draw(_rows_of(name)) for name in _COLUMNS}


@st.composite
def _rows_of(draw: st.DrawFn, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    count = draw(st.integers(1 if table == "person" else 0, 5))
    for number in range(1, count + 1):
        row: dict[str, Any] = {}
        for column, kind in _COLUMNS[table].items():
            if column == "id":
                row[column] = number
            elif column in _REFERENCES:
                row[column] = draw(st.none() | st.integers(1, 3))
            else:
                row[column] = draw(st.none() | _CELLS[kind])
        if table == "line":
            row |= {"bill": (number + 1) // 2, "n": number % 2 + 1}
        rows.append(row)
    return rows


def rows_in(name: str, made: dict[str, list[dict[str, Any]]]) -> Rows:
    held = {TableName(name, table): rows for table, rows in made.items()}
    return Rows(schema_in(name), TableName(name, "person"), "id", held)


# Rules.

_PATHS = ((), ("a",), ("b",), ("a", "b"), ("0",), ("a", "0"), ("é",), ('q"x',), ("q\\",))


class Asking:
    """Rules about the tables of one schema."""

    def __init__(self, schema: str) -> None:
        self._schema = schema

    def hop(self, key: str, *, is_back: bool) -> Hop:
        return Hop(TableName(self._schema, _FOREIGN_KEYS[key][0]), key, is_back)

    def criteria(self) -> st.SearchStrategy[Criteria]:
        return self._group("person", 3).map(Criteria)

    def _group(
        self, table: str, depth: int, path: tuple[str, ...] = ()
    ) -> st.SearchStrategy[Group]:
        rules = st.lists(self._rule(table, depth, path), max_size=3).map(tuple)
        return st.builds(Group, st.sampled_from(GroupKind), rules)

    def _rule(self, table: str, depth: int, path: tuple[str, ...]) -> st.SearchStrategy[Rule]:
        condition = self._condition(table, path)
        if depth == 0:
            return condition
        inner = st.deferred(lambda: self._group(table, depth - 1, path))
        related = st.deferred(lambda: self._related(table, depth - 1))
        return st.one_of(condition, condition, inner, related)

    def _condition(self, table: str, path: tuple[str, ...]) -> st.SearchStrategy[Condition]:
        return _condition(self._field(table, frozenset(OPERATORS), path))

    def _field(
        self, table: str, kinds: frozenset[Kind], path: tuple[str, ...] = ()
    ) -> st.SearchStrategy[tuple[Field, Kind]]:
        """Of the row at hand, of a row of the path before it, or of one that either points to."""
        starts: list[tuple[int | None, str]] = [(None, table)]
        starts += [(step, name) for step, name in enumerate(path, 1)]
        found = []
        for step, start in starts:
            for hops, end in self._forward(start):
                for column, kind in _COLUMNS[end].items():
                    if kind in kinds:
                        found.append((column, kind, hops, step))
        return st.sampled_from(found).flatmap(_with_path)

    def _forward(self, table: str) -> list[tuple[tuple[Hop, ...], str]]:
        ways: list[tuple[tuple[Hop, ...], str]] = [((), table)]
        for key, (start, _, target, _) in _FOREIGN_KEYS.items():
            if start == table:
                hop = self.hop(key, is_back=False)
                ways.append(((hop,), target))
                for other, (second, _, end, _) in _FOREIGN_KEYS.items():
                    if second == target:
                        ways.append(((hop, self.hop(other, is_back=False)), end))
        return ways

    def _related(self, table: str, depth: int) -> st.SearchStrategy[Rule]:
        return self._path(table).flatmap(lambda found: _related(self, found, depth))

    def _path(self, table: str) -> st.SearchStrategy[tuple[tuple[Hop, ...], tuple[str, ...]]]:
        ways: list[tuple[tuple[Hop, ...], tuple[str, ...]]] = []
        edge: list[tuple[tuple[Hop, ...], tuple[str, ...]]] = [((), ())]
        for _ in range(3):
            edge = [
                ((*hops, hop), (*names, end))
                for hops, names in edge
                for hop, end in self._hops(names[-1] if names else table)
            ]
            ways += edge
        return st.sampled_from(ways)

    def _hops(self, table: str) -> list[tuple[Hop, str]]:
        forth = [
            (self.hop(key, is_back=False), target)
            for key, (start, _, target, _) in _FOREIGN_KEYS.items()
            if start == table
        ]
        back = [
            (self.hop(key, is_back=True), start)
            for key, (start, _, target, _) in _FOREIGN_KEYS.items()
            if target == table
        ]
        return forth + back


def _with_path(
    found: tuple[str, Kind, tuple[Hop, ...], int | None],
) -> st.SearchStrategy[tuple[Field, Kind]]:
    column, kind, hops, step = found
    paths = st.sampled_from(_PATHS) if kind is Kind.JSON else st.just(())
    return paths.map(lambda path: (Field(column, path, hops, step), kind))


@st.composite
def _condition(draw: st.DrawFn, fields: st.SearchStrategy[tuple[Field, Kind]]) -> Condition:
    field, kind = draw(fields.filter(lambda found: bool(OPERATORS[found[1]])))
    operator, value = draw(_operation(OPERATORS[kind]))
    is_off = draw(st.sampled_from((False, False, False, True)))
    return Condition(field, operator, value, is_off)


@st.composite
def _related(
    draw: st.DrawFn,
    asking: Asking,
    found: tuple[tuple[Hop, ...], tuple[str, ...]],
    depth: int,
) -> Related:
    path, names = found
    end = names[-1]
    where = draw(asking._group(end, min(depth, 1), names))
    measure = draw(st.sampled_from(Measure))
    if measure in (Measure.HAS, Measure.HAS_NONE):
        return Related(path, measure, where)
    field = kind = by = None
    if measure is not Measure.COUNT:
        field, kind = draw(asking._field(end, FIELD_KINDS[measure], names))
    if measure is Measure.LAST:
        by, _ = draw(asking._field(end, ORDERED, names))
    operator, value = draw(_operation(shapes_of(measure, kind)))
    return Related(path, measure, where, field, by, operator, value)


# Values.

_VALUES: Mapping[Sort, st.SearchStrategy[Any]] = {
    Sort.TEXT: texts,
    Sort.WHOLE: wholes | st.sampled_from((10**25, -(10**25))),
    Sort.NUMBER: wholes | prices | st.sampled_from((Decimal("0.25"), Decimal("1E+3"))),
    Sort.FLAG: st.booleans(),
    Sort.DAY: days,
    Sort.MOMENT: moments,
}
_SPANS = st.builds(
    Span, st.integers(1, 40), st.sampled_from((Unit.DAYS, Unit.WEEKS, Unit.MONTHS))
) | st.builds(Span, st.integers(1, 60), st.just(Unit.YEARS))


def _operation(shapes: Shapes) -> st.SearchStrategy[tuple[Operator, Value]]:
    return st.sampled_from(list(shapes)).flatmap(
        lambda operator: st.tuples(st.just(operator), _value(shapes[operator]))
    )


def _value(shape: Shape) -> st.SearchStrategy[Any]:
    match shape.form:
        case Form.NOTHING:
            return st.none()
        case Form.SPAN:
            return _SPANS
        case Form.AROUND:
            return st.sampled_from(Around)
        case Form.ONE:
            return st.one_of(*(_VALUES[sort] for sort in shape.sorts))
        case Form.LIST:
            several = (st.lists(_VALUES[sort], min_size=1, max_size=3) for sort in shape.sorts)
            return st.one_of(*several).map(tuple)
        case Form.BETWEEN:
            (sort,) = shape.sorts
            return st.builds(Between, _VALUES[sort], _VALUES[sort])
