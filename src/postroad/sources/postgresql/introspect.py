"""Tables, columns and keys of a PostgreSQL, as far as the account may read them."""

from collections.abc import Mapping
from typing import Any, Final

from psycopg import sql
from psycopg.rows import dict_row

from postroad.core.criteria.schema import Kind, Schema, Table
from postroad.core.source.connection import Dialect, Role, SourceTarget
from postroad.core.source.mapping import Sample
from postroad.sources.built import built
from postroad.sources.queries import query

from .connecting import Connection, connected

SHOWN_CHARACTERS: Final = 200
_KINDS: Final[Mapping[str, Kind]] = {
    "text": Kind.TEXT,
    "varchar": Kind.TEXT,
    "bpchar": Kind.TEXT,
    "citext": Kind.TEXT,
    "name": Kind.TEXT,
    "int2": Kind.INTEGER,
    "int4": Kind.INTEGER,
    "int8": Kind.INTEGER,
    "numeric": Kind.DECIMAL,
    "float4": Kind.FLOAT,
    "float8": Kind.FLOAT,
    "bool": Kind.BOOLEAN,
    "date": Kind.DATE,
    "timestamp": Kind.TIMESTAMP,
    "timestamptz": Kind.MOMENT,
    "json": Kind.JSON,
    "jsonb": Kind.JSON,
    "_text": Kind.TEXTS,
    "_varchar": Kind.TEXTS,
}


def schema(target: SourceTarget) -> Schema:
    """Raises SourceRefusal."""
    own = {"schema": target.schema}
    with connected(target, Role.DEPLOY) as connection:
        columns = [(row, _kind(row)) for row in _rows(connection, "columns", own)]
        keys, unique = _rows(connection, "keys"), _rows(connection, "unique_columns")
        return built(columns, keys, unique, _rows(connection, "foreign_keys"))


def sample(target: SourceTarget, table: Table, limit: int) -> Sample:
    """The first rows that the server comes upon, long values cut short. Raises SourceRefusal."""
    names = tuple(column.name for column in table.columns)
    shown = [
        sql.SQL("left({}::text, {})").format(sql.Identifier(name), sql.Literal(SHOWN_CHARACTERS))
        for name in names
    ]
    statement = sql.SQL("SELECT {} FROM {} LIMIT {}").format(
        sql.SQL(", ").join(shown),
        sql.Identifier(table.name.schema, table.name.name),
        sql.Literal(limit),
    )
    with connected(target, Role.DEPLOY) as connection:
        return Sample(names, tuple(connection.execute(statement).fetchall()))


def _rows(
    connection: Connection, name: str, arguments: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query(Dialect.POSTGRESQL, name).encode(), arguments).fetchall()


def _kind(row: Mapping[str, Any]) -> Kind:
    """An enum is shown and compared as text is; other types of the customer's are only shown."""
    if row["base_sort"] == "e":
        return Kind.TEXT
    return _KINDS.get(row["base_type"], Kind.OTHER)
