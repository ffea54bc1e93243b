"""What a source has: tables, their columns, and the foreign keys between them."""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, as far as rules care."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    """A date and a time of day on the wall, of no zone."""
    MOMENT = "moment"
    """A point in time: `timestamptz`; MariaDB's TIMESTAMP."""
    JSON = "json"
    TEXTS = "texts"
    """An array of texts."""
    OTHER = "other"
    """Shown, but no rule can ask about it."""


@dataclass(frozen=True, slots=True, order=True)
class TableName:
    """As the server spells it. In MariaDB the schema is the database."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class Column:
    """`type_words` is the server's own name for its type: 'numeric(10,2)'."""

    name: str
    kind: Kind
    is_nullable: bool = True
    type_words: str = ""


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Rows of `table` point to at most one row of `target`: its columns are unique there."""

    name: str
    table: TableName
    columns: tuple[str, ...]
    target: TableName
    target_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """`key`: the columns of its primary key, none where it has none (a view).

    `unique`: the columns that alone tell its rows apart, each unique and never NULL.
    """

    name: TableName
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    is_view: bool = False
    unique: tuple[str, ...] = ()

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Schema:
    tables: tuple[Table, ...]
    foreign_keys: tuple[ForeignKey, ...] = ()

    def table(self, name: TableName) -> Table | None:
        return next((one for one in self.tables if one.name == name), None)

    def foreign_key(self, table: TableName, name: str) -> ForeignKey | None:
        """That of `table` with this name: names are unique within a table."""
        return next(
            (one for one in self.foreign_keys if (one.table, one.name) == (table, name)), None
        )


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where in the source the people are, and which columns say what of them.

    `key` is one column, unique and never NULL; '' for a column that there is none of.
    """

    table: TableName
    key: str
    address: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    zone: str = ""
    consent: str = ""
    """A boolean: false or NULL leaves the person out, with that reason."""
    variables: tuple[str, ...] = field(default=())
    """Further columns that a letter may name."""
