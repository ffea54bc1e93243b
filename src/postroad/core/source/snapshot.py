"""The form in which a schema and a mapping are kept: plain JSON, read back strictly."""

from collections.abc import Mapping as Kept
from dataclasses import asdict
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


def schema_to_json(schema: Schema) -> dict[str, Any]:
    return {
        "tables": [
            {
                "name": _name_to_json(table.name),
                "columns": [_column_to_json(column) for column in table.columns],
                "key": list(table.key),
                "is_view": table.is_view,
                "unique": list(table.unique),
            }
            for table in schema.tables
        ],
        "foreign_keys": [
            {
                "name": key.name,
                "table": _name_to_json(key.table),
                "columns": list(key.columns),
                "target": _name_to_json(key.target),
                "target_columns": list(key.target_columns),
            }
            for key in schema.foreign_keys
        ],
    }


def schema_from_json(kept: Kept[str, Any]) -> Schema:
    """What `schema_to_json` made. KeyError, TypeError or ValueError for anything else."""
    return Schema(
        tuple(
            Table(
                _name_from_json(table["name"]),
                tuple(_column_from_json(column) for column in table["columns"]),
                tuple(table["key"]),
                bool(table["is_view"]),
                tuple(table["unique"]),
            )
            for table in kept["tables"]
        ),
        tuple(
            ForeignKey(
                key["name"],
                _name_from_json(key["table"]),
                tuple(key["columns"]),
                _name_from_json(key["target"]),
                tuple(key["target_columns"]),
            )
            for key in kept["foreign_keys"]
        ),
    )


def mapping_to_json(mapping: Mapping) -> dict[str, Any]:
    return asdict(mapping) | {
        "table": _name_to_json(mapping.table),
        "variables": list(mapping.variables),
    }


def mapping_from_json(kept: Kept[str, Any]) -> Mapping:
    named = {name: value for name, value in kept.items() if name not in ("table", "variables")}
    return Mapping(_name_from_json(kept["table"]), variables=tuple(kept["variables"]), **named)


def _column_to_json(column: Column) -> list[Any]:
    return [column.name, column.kind.value, column.is_nullable, column.type_words]


def _column_from_json(kept: list[Any]) -> Column:
    name, kind, is_nullable, type_words = kept
    return Column(name, Kind(kind), is_nullable, type_words)


def _name_to_json(name: TableName) -> list[str]:
    return [name.schema, name.name]


def _name_from_json(kept: list[str]) -> TableName:
    schema, name = kept
    return TableName(schema, name)
