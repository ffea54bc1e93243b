"""A small shop: customers with representatives, invoices and lines, and rules about them."""

from dataclasses import fields, is_dataclass
from typing import Any

from postroad.core.criteria.schema import (
    Column,
    ForeignKey,
    Kind,
    Mapping,
    Schema,
    Table,
    TableName,
)
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
from postroad.sources.compile.where import Server, Site


def all_of(*rules: Rule) -> Group:
    return Group(GroupKind.ALL, rules)


def any_of(*rules: Rule) -> Group:
    return Group(GroupKind.ANY, rules)


def none_of(*rules: Rule) -> Group:
    return Group(GroupKind.NONE, rules)


def criteria(*rules: Rule) -> Criteria:
    return Criteria(all_of(*rules))


def rule(column: str, operator: Operator, value: Value = None, *path: str) -> Condition:
    return Condition(Field(column, path), operator, value)


_COLUMNS = {
    "customer": {
        "id": Kind.INTEGER,
        "email": Kind.TEXT,
        "country": Kind.TEXT,
        "born": Kind.DATE,
        "seen": Kind.MOMENT,
        "wall": Kind.TIMESTAMP,
        "score": Kind.FLOAT,
        "is_vip": Kind.BOOLEAN,
        "data": Kind.JSON,
        "tags": Kind.TEXTS,
        "rep": Kind.INTEGER,
    },
    "invoice": {
        "id": Kind.INTEGER,
        "customer": Kind.INTEGER,
        "total": Kind.DECIMAL,
        "on_day": Kind.DATE,
    },
    "line": {"invoice": Kind.INTEGER, "n": Kind.INTEGER, "product": Kind.TEXT},
}
_KEYS = {"customer": ("id",), "invoice": ("id",), "line": ("invoice", "n")}


def schema_in(name: str) -> Schema:
    customer, invoice, line = (TableName(name, table) for table in _COLUMNS)
    tables = tuple(
        Table(
            TableName(name, table),
            tuple(Column(column, kind) for column, kind in columns.items()),
            _KEYS[table],
        )
        for table, columns in _COLUMNS.items()
    )
    keys = (
        ForeignKey("rep", customer, ("rep",), customer, ("id",)),
        ForeignKey("buyer", invoice, ("customer",), customer, ("id",)),
        ForeignKey("of_invoice", line, ("invoice",), invoice, ("id",)),
    )
    return Schema(tables, keys)


def mapping_in(name: str) -> Mapping:
    return Mapping(
        TableName(name, "customer"),
        "id",
        "email",
        consent="is_vip",
        variables=("country", "born", "is_vip", "data", "tags"),
    )


def site_in(name: str, server: Server) -> Site:
    return Site(server, schema_in(name), mapping_in(name))


SCHEMA = "shop"
"""Where it lies on PostgreSQL; elsewhere, see `moved`."""
INVOICES = Hop(TableName(SCHEMA, "invoice"), "buyer", is_back=True)
LINES = Hop(TableName(SCHEMA, "line"), "of_invoice", is_back=True)
REP = Hop(TableName(SCHEMA, "customer"), "rep", is_back=False)


def moved(rule: Any, schema: str) -> Any:
    """A rule, or a part of one, about the same tables in another schema."""
    if isinstance(rule, TableName):
        return TableName(schema, rule.name)
    if isinstance(rule, tuple):
        return tuple(moved(one, schema) for one in rule)
    if not is_dataclass(rule) or isinstance(rule, type):
        return rule
    changed = {one.name: moved(getattr(rule, one.name), schema) for one in fields(rule)}
    return type(rule)(**changed)


def related(
    path: tuple[Hop, ...],
    measure: Measure,
    *where: Rule,
    field: str | None = None,
    by: str | None = None,
    operator: Operator | None = None,
    value: Value = None,
) -> Related:
    return Related(
        path,
        measure,
        all_of(*where),
        Field(field) if field else None,
        Field(by) if by else None,
        operator,
        value,
    )


POSTGRESQL = """
CREATE SCHEMA shop;
CREATE TABLE shop.customer (
    id int PRIMARY KEY, email text COLLATE "C", country text COLLATE "C", born date,
    seen timestamptz, wall timestamp, score float8, is_vip boolean, data jsonb,
    tags text[], rep int REFERENCES shop.customer);
CREATE TABLE shop.invoice (
    id int PRIMARY KEY, customer int REFERENCES shop.customer, total numeric(10,2), on_day date);
CREATE TABLE shop.line (
    invoice int REFERENCES shop.invoice, n int, product text, PRIMARY KEY (invoice, n));
INSERT INTO shop.customer VALUES
    (1, 'a@x.example', 'USA', '1980-11-24', '2026-11-24 09:00+00', '2026-11-20 00:00', 1.5, true,
     '{"city": "Rom", "age": 44, "vip": true, "deep": {"er": "x"}}', '{red,blue}', NULL),
    (2, 'b@x.example', 'Canada', '1996-02-29', '2026-08-24 10:00+00', NULL, 'NaN', false,
     '{"city": null, "age": "44", "vip": "true"}', '{}', 1),
    (3, 'c@y.example', '', 'infinity', 'infinity', 'infinity', NULL, NULL,
     '{"deep": ["er"], "age": 44.50}', '{red,NULL}', 1),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO shop.invoice VALUES
    (10, 1, 5, '2026-11-01'), (11, 1, 7.5, NULL), (12, 2, NULL, '2026-11-24'),
    (13, 2, 1, '2026-11-24'), (14, NULL, 99, '2026-11-24');
INSERT INTO shop.line VALUES (10, 1, 'pen'), (10, 2, 'ink'), (12, 1, 'ink');
"""

MARIADB = """
CREATE TABLE customer (
    id int PRIMARY KEY, email varchar(80), country varchar(80), born date,
    seen timestamp(6) NULL, wall datetime(6), score double, is_vip boolean, data json,
    tags json, rep int REFERENCES customer (id));
CREATE TABLE invoice (
    id int PRIMARY KEY, customer int REFERENCES customer (id), total decimal(10,2), on_day date);
CREATE TABLE line (
    invoice int REFERENCES invoice (id), n int, product varchar(80), PRIMARY KEY (invoice, n));
INSERT INTO customer VALUES
    (1, 'a@x.example', 'USA', '1980-11-24', '2026-11-24 09:00', '2026-11-20 00:00', 1.5, true,
     '{"city": "Rom", "age": 44, "vip": true, "deep": {"er": "x"}}', '["red", "blue"]', NULL),
    (2, 'b@x.example', 'Canada', '1996-02-29', '2026-08-24 10:00', NULL, 99, false,
     '{"city": null, "age": "44", "vip": "true"}', '[]', 1),
    (3, 'c@y.example', '', '9999-06-30', '2038-01-01', '9999-12-31', NULL, NULL,
     '{"deep": ["er"], "age": 44.50}', '["r\\\\u0065d", null]', 1),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO invoice VALUES
    (10, 1, 5, '2026-11-01'), (11, 1, 7.5, NULL), (12, 2, NULL, '2026-11-24'),
    (13, 2, 1, '2026-11-24'), (14, NULL, 99, '2026-11-24');
INSERT INTO line VALUES (10, 1, 'pen'), (10, 2, 'ink'), (12, 1, 'ink');
"""
