"""Where hops and fields lead in a schema, or why they lead nowhere."""

from collections.abc import Iterable
from dataclasses import dataclass

from .quoting import quoted
from .schema import Column, Schema, TableName
from .tree import Field, Hop


@dataclass(frozen=True, slots=True)
class Astray:
    """`text` says why, and what to do."""

    text: str


def table_after(hop: Hop, table: TableName, schema: Schema) -> TableName | Astray:
    """The table that a hop from a row of `table` leads to."""
    key = schema.foreign_key(hop.table, hop.foreign_key)
    if key is None:
        return Astray(
            f"{quoted(str(hop.table))} has no foreign key {quoted(hop.foreign_key)}:"
            " choose another path."
        )
    start, end = (key.target, key.table) if hop.is_back else (key.table, key.target)
    if start == table:
        return end if schema.table(end) else Astray(_no_table(end))
    if end == table:
        way = "forward" if hop.is_back else "back"
        return Astray(
            f"The foreign key {quoted(hop.foreign_key)} is followed in the wrong direction from"
            f" {quoted(str(table))}: go {way} along it."
        )
    return Astray(
        f"The foreign key {quoted(hop.foreign_key)} does not start at {quoted(str(table))}:"
        " choose a path that does."
    )


def tables_along(
    path: Iterable[Hop], start: TableName, schema: Schema
) -> tuple[TableName, ...] | Astray:
    """The table after each hop."""
    at, trail = start, []
    for hop in path:
        found = table_after(hop, at, schema)
        if isinstance(found, Astray):
            return found
        at = found
        trail.append(at)
    return tuple(trail)


def column_of(
    field: Field, table: TableName, trail: tuple[TableName, ...], schema: Schema
) -> Column | Astray:
    """The column of a field that is read at a row of `table`, to which `trail` led."""
    if field.step is not None and not 1 <= field.step <= len(trail):
        return Astray("The column is read from a step that the path has not: choose it again.")
    start = table if field.step is None else trail[field.step - 1]
    if any(hop.is_back for hop in field.hops):
        return Astray(
            "A column is read along foreign keys that lead forward only: ask about related rows."
        )
    tables = tables_along(field.hops, start, schema)
    if isinstance(tables, Astray):
        return tables
    end = (start, *tables)[-1]
    found = schema.table(end)
    if found is None:
        return Astray(_no_table(end))
    column = found.column(field.column)
    if column is None:
        return Astray(
            f"{quoted(str(end))} has no column {quoted(field.column)}: choose another column."
        )
    return column


def _no_table(table: TableName) -> str:
    return f"The source has no table {quoted(str(table))}: choose another."
