"""Short words for rules in hand-written cases, over the schema of the strategies."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from postroad.core.criteria.evaluate import NOWHERE, Elsewhere, Rows, people_of
from postroad.core.criteria.schema import TableName
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
from postroad.core.criteria.values import Value
from postroad.testing.criteria_rows import GENRE, LINE, ORDER, PERSON, PRODUCT, SCHEMA

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)

ORDERS = Hop(ORDER, "order's person", is_back=True)
BUYER = Hop(ORDER, "order's person", is_back=False)
LINES = Hop(LINE, "line_order", is_back=True)
OF_ORDER = Hop(LINE, "line_order", is_back=False)
TO_PRODUCT = Hop(LINE, "line_product", is_back=False)
TO_GENRE = Hop(PRODUCT, "product_genre", is_back=False)
REFERRER = Hop(PERSON, "referred", is_back=False)
REFERRED = Hop(PERSON, "referred", is_back=True)


def all_of(*rules: Rule, is_off: bool = False) -> Group:
    return Group(GroupKind.ALL, rules, is_off)


def any_of(*rules: Rule, is_off: bool = False) -> Group:
    return Group(GroupKind.ANY, rules, is_off)


def none_of(*rules: Rule, is_off: bool = False) -> Group:
    return Group(GroupKind.NONE, rules, is_off)


def rule(
    column: str | Field, operator: Operator, value: Value = None, *, is_off: bool = False
) -> Condition:
    field = Field(column) if isinstance(column, str) else column
    return Condition(field, operator, value, is_off)


def has(*path: Hop, where: Group | None = None) -> Related:
    return Related(path, Measure.HAS, where or all_of())


def measured(
    measure: Measure,
    *path: Hop,
    column: str | None = None,
    by: str | Field | None = None,
    operator: Operator | None = None,
    value: Value = None,
    where: Group | None = None,
) -> Related:
    return Related(
        path,
        measure,
        where or all_of(),
        None if column is None else Field(column),
        Field(by) if isinstance(by, str) else by,
        operator,
        value,
    )


def _filled(table: TableName, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    found = SCHEMA.table(table)
    assert found is not None
    return [{column.name: None for column in found.columns} | row for row in rows]


def database(
    people: Sequence[dict[str, Any]],
    orders: Sequence[dict[str, Any]] = (),
    lines: Sequence[dict[str, Any]] = (),
    products: Sequence[dict[str, Any]] = (),
    genres: Sequence[dict[str, Any]] = (),
) -> Rows:
    """What a row does not name is NULL."""
    tables = {PERSON: people, ORDER: orders, LINE: lines, PRODUCT: products, GENRE: genres}
    return Rows(SCHEMA, PERSON, "id", {name: _filled(name, rows) for name, rows in tables.items()})


def found(
    criteria: Rule, rows: Rows, now: datetime = NOW, elsewhere: Elsewhere = NOWHERE
) -> list[Any]:
    root = criteria if isinstance(criteria, Group) else all_of(criteria)
    return people_of(Criteria(root), rows, now, elsewhere)
