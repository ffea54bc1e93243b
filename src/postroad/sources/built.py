"""A schema put together from the rows that a server's catalogue gave."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from postroad.core.criteria.schema import Column, ForeignKey, Kind, Schema, Table, TableName

Row = Mapping[str, Any]


def built(
    columns: Iterable[tuple[Row, Kind]],
    keys: Iterable[Row],
    unique: Iterable[Row],
    foreign_keys: Iterable[Row],
) -> Schema:
    """`columns` in the order of their tables, `unique` the sets of columns that are there once.

    A key that leads to what may not be read is left out.
    """
    key_of = {_table(row): tuple(row["columns"]) for row in keys}
    unique_of: dict[TableName, set[str]] = {}
    for row in unique:
        if len(row["columns"]) == 1:
            unique_of.setdefault(_table(row), set()).update(row["columns"])
    tables = []
    for name, rows in groupby(columns, lambda each: _table(each[0])):
        of_table = list(rows)
        made = tuple(_column(row, kind) for row, kind in of_table)
        readable = {column.name for column in made}
        key = key_of.get(name, ())
        key = key if readable.issuperset(key) else ()
        once = _told_apart(made, key, unique_of.get(name, set()))
        tables.append(Table(name, made, key, bool(of_table[0][0]["is_view"]), once))
    readable_of = {table.name: {column.name for column in table.columns} for table in tables}
    found = (_foreign_key(row) for row in foreign_keys)
    kept = tuple(key for key in found if _is_readable(key, readable_of))
    return Schema(tuple(tables), kept)


def _told_apart(
    columns: Iterable[Column], key: tuple[str, ...], unique: set[str]
) -> tuple[str, ...]:
    """The primary key first, where it is one column."""
    found = [each.name for each in columns if each.name in unique and not each.is_nullable]
    return tuple(sorted(found, key=lambda name: (name,) != key))


def _is_readable(key: ForeignKey, readable_of: Mapping[TableName, set[str]]) -> bool:
    return readable_of.get(key.table, set()).issuperset(key.columns) and readable_of.get(
        key.target, set()
    ).issuperset(key.target_columns)


def _table(row: Row) -> TableName:
    return TableName(row["table_schema"], row["table_name"])


def _column(row: Row, kind: Kind) -> Column:
    return Column(row["column_name"], kind, bool(row["is_nullable"]), row["type_words"])


def _foreign_key(row: Row) -> ForeignKey:
    return ForeignKey(
        row["name"],
        _table(row),
        tuple(row["columns"]),
        TableName(row["target_schema"], row["target_name"]),
        tuple(row["target_columns"]),
    )
