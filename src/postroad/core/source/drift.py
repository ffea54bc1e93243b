"""What broke when a source was looked at again: what rules may name and is not as it was."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from postroad.core.criteria.schema import Column, Mapping, Schema, Table, TableName


class Change(StrEnum):
    TABLE_GONE = "table gone"
    COLUMN_GONE = "column gone"
    KIND_CHANGED = "kind changed"
    NOT_UNIQUE = "not unique"
    KEY_CHANGED = "key changed"
    FOREIGN_KEY_GONE = "foreign key gone"
    FOREIGN_KEY_CHANGED = "foreign key changed"


@dataclass(frozen=True, slots=True)
class Broke:
    """`name` is the column's or foreign key's, '' where the whole table is meant."""

    change: Change
    table: TableName
    name: str
    text: str


def compare(old: Schema, new: Schema) -> tuple[Broke, ...]:
    """What `old` had and `new` has no more, or otherwise. What came new breaks nothing."""
    return tuple(_broken(old, new))


def _broken(old: Schema, new: Schema) -> Iterator[Broke]:
    for table in old.tables:
        now = new.table(table.name)
        if now is None:
            text = f"{table.name} is gone, or may not be read any more."
            yield Broke(Change.TABLE_GONE, table.name, "", text)
        else:
            yield from _table_broken(table, now)
    gone = {table.name for table in old.tables} - {table.name for table in new.tables}
    yield from _foreign_keys_broken(old, new, gone)


def _table_broken(old: Table, new: Table) -> Iterator[Broke]:
    for column in old.columns:
        now = new.column(column.name)
        place = f"{old.name}.{column.name}"
        if now is None:
            text = f"{place} is gone, or may not be read any more."
            yield Broke(Change.COLUMN_GONE, old.name, column.name, text)
        elif now.kind != column.kind:
            text = f"{place} was {_type_of(column)} and is {_type_of(now)} now."
            yield Broke(Change.KIND_CHANGED, old.name, column.name, text)
    for name in old.unique:
        if name not in new.unique and new.column(name) is not None:
            text = f"{old.name}.{name} is not unique any more, or may be empty."
            yield Broke(Change.NOT_UNIQUE, old.name, name, text)
    if len(old.key) > 1 and old.key != new.key:
        was, now_is = ", ".join(old.key), ", ".join(new.key) or "none"
        text = f"The primary key of {old.name} was {was} and is {now_is} now."
        yield Broke(Change.KEY_CHANGED, old.name, "", text)


def _type_of(column: Column) -> str:
    return column.type_words or column.kind


def _foreign_keys_broken(old: Schema, new: Schema, gone: set[TableName]) -> Iterator[Broke]:
    for key in old.foreign_keys:
        if key.table in gone:
            continue
        now = new.foreign_key(key.table, key.name)
        if now is None:
            text = f"Foreign key {key.name} of {key.table} is gone: {key.target} is not reached."
            yield Broke(Change.FOREIGN_KEY_GONE, key.table, key.name, text)
        elif now != key:
            text = f"Foreign key {key.name} of {key.table} leads to {now.target} otherwise now."
            yield Broke(Change.FOREIGN_KEY_CHANGED, key.table, key.name, text)


def mapping_broke(mapping: Mapping, broke: tuple[Broke, ...]) -> tuple[Broke, ...]:
    """Those of them that the mapping stands on."""
    used = {"", *columns_of(mapping)}
    return tuple(each for each in broke if each.table == mapping.table and each.name in used)


def columns_of(mapping: Mapping) -> tuple[str, ...]:
    """All columns that the mapping names, each once."""
    named = (
        mapping.key, mapping.address, mapping.name, mapping.first_name, mapping.last_name,
        mapping.zone, mapping.consent, *mapping.variables,
    )  # fmt: skip
    return tuple(dict.fromkeys(name for name in named if name))
