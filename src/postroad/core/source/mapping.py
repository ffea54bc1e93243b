"""Which columns say what of a person: guessed from their names and from a few rows."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from postroad.core.address import Address, parse_address
from postroad.core.contact import folded
from postroad.core.criteria.schema import Column, Kind, Mapping, Schema, Table, TableName

from .drift import columns_of


@dataclass(frozen=True, slots=True)
class Sample:
    """A few rows of a table as texts, each with its columns in their order; None is NULL."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    def values(self, column: str) -> list[str]:
        """Those of a column that say something."""
        if column not in self.columns:
            return []
        at = self.columns.index(column)
        return [text for row in self.rows if (text := row[at])]


@dataclass(frozen=True, slots=True)
class Guess:
    """`mapping` names nothing that was not found; `notes` end with what to do.

    `others`: tables in which addresses seem to be, where this one has none.
    """

    mapping: Mapping
    notes: tuple[str, ...] = ()
    others: tuple[TableName, ...] = ()


_ADDRESS: Final = (
    "email", "emailaddress", "mail", "mailaddress", "primaryemail", "contactemail",
    "customeremail", "useremail", "emailaddr", "eml", "correo", "courriel", "adresseemail",
)  # fmt: skip
_FIRST: Final = ("firstname", "givenname", "forename", "vorname", "prenom", "fname", "first")
_LAST: Final = ("lastname", "surname", "familyname", "nachname", "nom", "lname", "last")
_NAME: Final = (
    "fullname", "displayname", "contactname", "name", "customername", "username", "personname",
)  # fmt: skip
_ZONE: Final = ("timezone", "tz", "zone", "tzname", "zoneinfo", "tzid")
_CONSENT: Final = (
    "consent", "optin", "newsletter", "subscribed", "acceptsmarketing", "marketingconsent",
    "marketingoptin", "allowsmarketing", "mailingconsent", "emailconsent", "emailoptin",
    "newsletteroptin", "marketing", "mayemail", "maycontact", "permission", "gdprconsent",
)  # fmt: skip
_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_BELIEVED = 0.8
"""The part of a sample's values that must look like what their column is taken for."""


def guess_mapping(
    schema: Schema, table: Table, sample: Sample, known_zones: AbstractSet[str]
) -> Guess:
    address = _guess_address(table, sample)
    first, last = _named(table, _FIRST, Kind.TEXT), _named(table, _LAST, Kind.TEXT)
    mapping = Mapping(
        table.name,
        key=_guess_key(table),
        address=address,
        name=_named(table, _NAME, Kind.TEXT),
        first_name=first,
        last_name=last,
        zone=_guess_zone(table, sample, known_zones),
        consent=_named(table, _CONSENT, Kind.BOOLEAN, prefixes=("is", "has")),
    )
    others = () if address else tables_with_addresses(schema, besides=table.name)
    return Guess(mapping, tuple(_notes(table, sample, mapping, others)), others)


def tables_with_addresses(
    schema: Schema, besides: TableName | None = None
) -> tuple[TableName, ...]:
    """Tables with a column that is called as addresses are."""
    return tuple(
        table.name
        for table in schema.tables
        if table.name != besides and _named(table, _ADDRESS, Kind.TEXT)
    )


def mapping_faults(schema: Schema, mapping: Mapping) -> dict[str, str]:
    """Field → what is wrong, ending with what to do."""
    table = schema.table(mapping.table)
    if table is None:
        return {"table": f"There is no table {mapping.table}: choose another, or refresh."}
    missing = [name for name in columns_of(mapping) if table.column(name) is None]
    faults = {}
    if missing:
        faults[""] = f"{mapping.table} has no column {missing[0]}: choose again, or refresh."
    faults |= dict(_kind_faults(table, mapping))
    return faults


def _kind_faults(table: Table, mapping: Mapping) -> Iterator[tuple[str, str]]:
    if not mapping.key:
        yield "key", "No key is chosen: choose the column that tells people apart."
    elif not table.is_view and mapping.key not in table.unique:
        text = "may be empty or there twice: choose a column that is unique and never NULL."
        yield "key", f"{mapping.key} {text}"
    if not mapping.address:
        yield "address", "No e-mail column is chosen: choose one, or another table."
    for field in ("address", "name", "first_name", "last_name", "zone"):
        column = table.column(getattr(mapping, field))
        if column is not None and column.kind != Kind.TEXT:
            yield field, f"{column.name} holds no text: choose a column that does."
    consent = table.column(mapping.consent)
    if consent is not None and consent.kind != Kind.BOOLEAN:
        yield "consent", f"{consent.name} is no yes or no: choose a column that is, or none."


def _guess_key(table: Table) -> str:
    if not table.is_view:
        return next(iter(table.unique), "")
    own = _NOT_LETTERS.sub("", folded(table.name.name)).rstrip("s")
    wanted = ("id", f"{own}id", "key", "uuid", "customerid", "userid", "personid", "contactid")
    kinds = (Kind.INTEGER, Kind.TEXT, Kind.OTHER)
    return next(
        (found for kind in kinds if (found := _named(table, wanted, kind))),
        "",
    )


def _guess_address(table: Table, sample: Sample) -> str:
    """By name, unless the values say otherwise; without a name, by the values alone."""
    texts = [column.name for column in table.columns if column.kind == Kind.TEXT]
    by_value = {name: _part(sample.values(name), _is_address) for name in texts}
    named = list(_all_named(table, _ADDRESS, Kind.TEXT))
    for name in named:
        part = by_value[name]
        if part is None or part >= _BELIEVED:
            return name
    convincing = [name for name in texts if (by_value[name] or 0) >= _BELIEVED]
    return convincing[0] if convincing else ""


def _guess_zone(table: Table, sample: Sample, known_zones: AbstractSet[str]) -> str:
    """By name, unless the values say otherwise; by values, none that could be a country's name."""
    for name in _all_named(table, _ZONE, Kind.TEXT):
        part = _part(sample.values(name), known_zones.__contains__)
        if part is None or part >= _BELIEVED:
            return name
    texts = [column.name for column in table.columns if column.kind == Kind.TEXT]
    placed = {zone for zone in known_zones if "/" in zone}
    parts = {name: _part(sample.values(name), placed.__contains__) for name in texts}
    return next((name for name in texts if (parts[name] or 0) >= _BELIEVED), "")


def _part(values: Sequence[str], holds: Callable[[str], bool]) -> float | None:
    """How many of the values pass, from 0 to 1; None where there are none."""
    return sum(map(holds, values)) / len(values) if values else None


def _is_address(text: str) -> bool:
    return isinstance(parse_address(text.strip()), Address)


def _named(
    table: Table, wanted: Collection[str], kind: Kind, prefixes: tuple[str, ...] = ()
) -> str:
    return next(_all_named(table, wanted, kind, prefixes), "")


def _all_named(
    table: Table, wanted: Collection[str], kind: Kind, prefixes: tuple[str, ...] = ()
) -> Iterator[str]:
    """Columns of that kind that are called so, in the order of the names wanted."""
    columns = {_plain(column): column.name for column in table.columns if column.kind == kind}
    for name in wanted:
        for plain in (name, *(f"{prefix}{name}" for prefix in prefixes)):
            if plain in columns:
                yield columns[plain]


def _plain(column: Column) -> str:
    return _NOT_LETTERS.sub("", folded(column.name))


def _notes(
    table: Table, sample: Sample, mapping: Mapping, others: tuple[TableName, ...]
) -> Iterator[str]:
    if not mapping.address:
        yield f"{table.name} has no column with e-mail addresses: " + _elsewhere(others)
    if not mapping.key:
        yield _NO_KEY_OF_VIEW if table.is_view else _NO_KEY
    elif table.is_view:
        yield f"A view promises nothing: make sure that {mapping.key} is never there twice."
    values = sample.values(mapping.consent)
    if values and not any(text in ("true", "1") for text in values):
        looked = f"{mapping.consent} is yes for none of {len(values)} people looked at"
        yield f"{looked}: make sure it is consent."
    if not sample.rows:
        yield f"{table.name} is empty: all of this is guessed from the columns' names, look at it."


_NO_KEY: Final = (
    "No single column tells people apart: choose another table, or have a column made that is "
    "unique and never NULL."
)
_NO_KEY_OF_VIEW: Final = "A view promises nothing: choose the column that tells people apart."


def _elsewhere(others: tuple[TableName, ...]) -> str:
    if not others:
        return "choose the one that holds them, or a table or view that has them."
    return f"choose another table, such as {', '.join(map(str, others[:3]))}."
