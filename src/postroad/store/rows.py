"""Rows of a query of ours, by column name."""

from collections.abc import Mapping
from typing import Any

from django.db import connection

from postroad.store.queries import query

Row = dict[str, Any]


def rows(name: str, arguments: Mapping[str, Any] | None = None) -> list[Row]:
    """All rows of store/sql/queries/<name>.sql, a dict each. For answers of known, small size."""
    with connection.cursor() as cursor:
        cursor.execute(query(name), arguments)
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def row(name: str, arguments: Mapping[str, Any] | None = None) -> Row:
    """The one row of a query that always has one."""
    (only,) = rows(name, arguments)
    return only
