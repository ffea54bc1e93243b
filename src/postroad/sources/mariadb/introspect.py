"""Tables, columns and keys of a MariaDB, as far as the account may read them."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from pymysql.cursors import DictCursor

from postroad.core.criteria.schema import Kind, Schema, Table
from postroad.core.source.connection import Dialect, Role, SourceTarget
from postroad.core.source.mapping import Sample
from postroad.sources.built import built
from postroad.sources.queries import query

from .accounts import quoted
from .connecting import Connection, connected, is_mariadb

SHOWN_CHARACTERS: Final = 200
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum")
_WHOLE = ("tinyint", "smallint", "mediumint", "int", "bigint", "year")
_KINDS: Final[Mapping[str, Kind]] = {
    **dict.fromkeys(_TEXTS, Kind.TEXT),
    **dict.fromkeys(_WHOLE, Kind.INTEGER),
    "decimal": Kind.DECIMAL,
    "float": Kind.FLOAT,
    "double": Kind.FLOAT,
    "date": Kind.DATE,
    "datetime": Kind.TIMESTAMP,
    "timestamp": Kind.MOMENT,
    "json": Kind.JSON,
}
Row = dict[str, Any]


def schema(target: SourceTarget) -> Schema:
    """Raises SourceRefusal."""
    with connected(target, Role.DEPLOY) as connection:
        columns = _rows(connection, "columns", {"schema": target.schema})
        json = _json_columns(connection)
        unique = list(_whole(_rows(connection, "unique_columns")))
        foreign_keys = _grouped(_rows(connection, "foreign_keys"), "name")
        keys = list(_grouped(_rows(connection, "keys")))
    return built(
        ((row, _kind(row, json)) for row in columns),
        keys,
        unique,
        [key for key in foreign_keys if _leads_to_one(key, unique)],
    )


def sample(target: SourceTarget, table: Table, limit: int) -> Sample:
    """The first rows that the server comes upon, long values cut short. Raises SourceRefusal."""
    names = tuple(column.name for column in table.columns)
    shown = ", ".join(f"left(cast({quoted(name)} AS char), {SHOWN_CHARACTERS})" for name in names)
    place = f"{quoted(table.name.schema)}.{quoted(table.name.name)}"
    with connected(target, Role.DEPLOY) as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT {shown} FROM {place} LIMIT {int(limit)}")  # noqa: S608 - quoted.
        return Sample(names, tuple(cursor.fetchall()))


def _rows(
    connection: Connection, name: str, arguments: Mapping[str, Any] | None = None
) -> list[Row]:
    with connection.cursor(DictCursor) as cursor:
        cursor.execute(query(Dialect.MARIADB, name), arguments or {})
        return list(cursor.fetchall())


def _json_columns(connection: Connection) -> set[tuple[str, str, str]]:
    """MySQL has a type of its own for them."""
    if not is_mariadb(connection):
        return set()
    return {_place(row) for row in _rows(connection, "json_columns")}


def _place(row: Row) -> tuple[str, str, str]:
    return row["table_schema"], row["table_name"], row["column_name"]


def _kind(row: Row, json: set[tuple[str, str, str]]) -> Kind:
    if row["type_words"] == "tinyint(1)":
        return Kind.BOOLEAN
    return Kind.JSON if _place(row) in json else _KINDS.get(row["base_type"], Kind.OTHER)


def _grouped(rows: Iterable[Row], *more: str) -> Iterator[Row]:
    """A row a key, with its columns in their order."""

    def owner(row: Row) -> tuple[str, ...]:
        return row["table_schema"], row["table_name"], *(row[name] for name in more)

    for _, found in groupby(rows, owner):
        of_key = list(found)
        yield of_key[0] | {
            "columns": [row["column_name"] for row in of_key],
            "target_columns": [row.get("target_column") for row in of_key],
        }


def _whole(rows: Iterable[Row]) -> Iterator[Row]:
    """A row a unique index; one over the beginnings of texts keeps nothing apart."""
    for _, of_index in groupby(rows, lambda row: (*_place(row)[:2], row["name"])):
        columns = list(of_index)
        if not any(row["is_part"] for row in columns):
            yield columns[0] | {"columns": [row["column_name"] for row in columns]}


def _leads_to_one(key: Row, unique: Iterable[Row]) -> bool:
    target = key["target_schema"], key["target_name"]
    return any(
        (index["table_schema"], index["table_name"]) == target
        and set(index["columns"]).issubset(key["target_columns"])
        for index in unique
    )
