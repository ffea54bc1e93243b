"""Contacts from a CSV file: which column means what, and a person from each row."""

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import BinaryIO

from .address import BadAddress, parse_address
from .contact import (
    NewContact,
    attribute_fault,
    clean_tags,
    complete_names,
    folded,
    slug_of,
    tags_fault,
    text_fault,
)
from .csv_records import (
    BadRecord,
    Record,
    decoded_lines,
    delimiter_of,
    read_records,
    spreadsheet_safe,
)


class Field(StrEnum):
    """What a column can mean; everything else is an attribute."""

    ADDRESS = "address"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    COMPANY = "company"
    ZONE = "zone"
    TAGS = "tags"


_HEADERS = {
    Field.ADDRESS: "email|mail|emailaddress|address|mailaddress|emailadresse|adresse|adressemail"
    "|epost|correo|correoelectronico|courriel|recipient|to",
    Field.NAME: "name|fullname|displayname|contact|contactname|person|vollername|nom|nombre|navn",
    Field.FIRST_NAME: "firstname|first|givenname|forename|vorname|prenom|fornavn|fname",
    Field.LAST_NAME: "lastname|last|surname|familyname|nachname|familienname|apellido|apellidos"
    "|etternavn|lname|nomdefamille",
    Field.COMPANY: "company|companyname|organisation|organization|firm|firma|employer|entreprise"
    "|empresa|unternehmen|societe",
    Field.ZONE: "zone|timezone|tz|zeitzone",
    Field.TAGS: "tags|tag|labels|groups|group|lists",
}
_FIELD_OF = {name: field for field, names in _HEADERS.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns in order, by field or by the name of an attribute."""

    delimiter: str
    headers: tuple[str, ...]
    columns: tuple[Field | str, ...]


@dataclass(frozen=True, slots=True)
class HeaderFault:
    """The file cannot be imported; `text` names the header found and says what to do."""

    text: str


@dataclass(frozen=True, slots=True)
class GoodRow:
    line: int
    contact: NewContact


@dataclass(frozen=True, slots=True)
class BadRow:
    """`cells` as they came, so that the row can be mended and imported again."""

    line: int
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class ContactFile:
    layout: Layout
    rows: Iterator[GoodRow | BadRow]


def open_contacts(file: BinaryIO, known_zones: Container[str]) -> ContactFile | HeaderFault:
    """Reads the header; the rows are read as they are iterated, in constant memory.

    Raises NotText, here or while iterating, when the file is not UTF-8.
    """
    lines = decoded_lines(file)
    begun = _until_header(lines)
    delimiter = delimiter_of(begun[-1] if begun else "")
    records = read_records(chain(begun, lines), delimiter)
    header = next((record for record in records if _has_text(record)), None)
    if header is None:
        return HeaderFault("The file is empty: export it again with a header and a row a person.")
    if isinstance(header, BadRecord):
        return HeaderFault(f"The header {header.reason}")
    layout = layout_of(header.cells, delimiter)
    if isinstance(layout, HeaderFault):
        return layout
    read = _reader(layout, known_zones)
    return ContactFile(layout, (row for record in records if (row := read(record))))


def _until_header(lines: Iterator[str]) -> list[str]:
    begun: list[str] = []
    for line in lines:
        begun.append(line)
        if line.strip():
            break
    return begun


def _has_text(record: Record | BadRecord) -> bool:
    return isinstance(record, BadRecord) or any(cell.strip() for cell in record.cells)


def layout_of(headers: tuple[str, ...], delimiter: str) -> Layout | HeaderFault:
    """Guesses what each column means from its header, in several languages."""
    columns: list[Field | str] = []
    for position, header in enumerate(headers, start=1):
        field = _FIELD_OF.get(re.sub(r"[^a-z]", "", folded(header)))
        columns.append(field if field and field not in columns else _attribute(header, position))
    # An 'address' beside an 'e-mail' is where somebody lives.
    _prefer_email(headers, columns)
    if Field.ADDRESS not in columns:
        found = ", ".join(header.strip() or "(empty)" for header in headers)[:300]
        return HeaderFault(
            f"No column is called 'e-mail'. The header found is: {found}."
            " Name the column with the addresses 'e-mail' and upload the file again."
        )
    return Layout(delimiter, headers, tuple(_distinct(columns)))


def _attribute(header: str, position: int) -> str:
    return slug_of(header, position)


def _prefer_email(headers: tuple[str, ...], columns: list[Field | str]) -> None:
    sure = [at for at, header in enumerate(headers) if "mail" in folded(header).replace("-", "")]
    taken = columns.index(Field.ADDRESS) if Field.ADDRESS in columns else None
    known = [at for at in sure if re.sub(r"[^a-z]", "", folded(headers[at])) in _FIELD_OF]
    if taken is None or taken in sure or not known:
        return
    columns[taken] = _attribute(headers[taken], taken + 1)
    columns[known[0]] = Field.ADDRESS


def _distinct(columns: list[Field | str]) -> Iterator[Field | str]:
    """Two columns of one name become two attributes."""
    seen: set[str] = set()
    for position, column in enumerate(columns, start=1):
        name = column
        while not isinstance(name, Field) and name in seen:
            name = f"{name}_{position}"
        seen.add(name)
        yield name


def _reader(
    layout: Layout, known_zones: Container[str]
) -> Callable[[Record | BadRecord], GoodRow | BadRow | None]:
    width = len(layout.columns)

    def read(record: Record | BadRecord) -> GoodRow | BadRow | None:
        if isinstance(record, BadRecord):
            return BadRow(record.line, (record.text,), record.reason)
        cells = tuple(_cell(cell) for cell in record.cells)
        if not any(cells):
            return None
        if any(cells[width:]):
            reason = (
                f"has {len(cells)} cells where the header has {width}:"
                " quote what holds the separator, or add a header."
            )
            return BadRow(record.line, record.cells, reason)
        contact = _contact(dict(zip(layout.columns, cells, strict=False)), known_zones)
        if isinstance(contact, str):
            return BadRow(record.line, record.cells, contact)
        return GoodRow(record.line, contact)

    return read


def _cell(cell: str) -> str:
    """A value as meant: no space around it, without the guard of spreadsheet_safe."""
    cell = cell.strip().replace("\r\n", "\n")
    return cell[1:] if cell[:1] == "'" and spreadsheet_safe(cell[1:]) == cell else cell


def _contact(row: dict[Field | str, str], known_zones: Container[str]) -> NewContact | str:
    address = parse_address(row.pop(Field.ADDRESS, ""))
    if isinstance(address, BadAddress):
        return f"the e-mail {address.text}"
    zone = row.pop(Field.ZONE, "")
    if zone and zone not in known_zones:
        return (
            f"the time zone '{zone[:40]}' is not known:"
            " write it like Europe/Vienna, or leave it empty."
        )
    tags = clean_tags(re.split(r"[|;,]", row.pop(Field.TAGS, "")))
    texts = {field: row.pop(field, "") for field in _TEXT_FIELDS}
    fault = _texts_fault(texts, tags) or _attributes_fault(row)
    if fault:
        return fault
    names = complete_names(texts[Field.NAME], texts[Field.FIRST_NAME], texts[Field.LAST_NAME])
    attributes = {str(name): value for name, value in row.items() if value}
    return NewContact(
        address,
        names.name,
        names.first_name,
        names.last_name,
        texts[Field.COMPANY],
        zone,
        attributes,
        tags,
    )


_TEXT_FIELDS = (Field.NAME, Field.FIRST_NAME, Field.LAST_NAME, Field.COMPANY)


def _texts_fault(texts: dict[Field, str], tags: tuple[str, ...]) -> str | None:
    for field, value in texts.items():
        fault = text_fault(value)
        if fault:
            return f"the {field.replace('_', ' ')} {fault}"
    return tags_fault(tags)


def _attributes_fault(attributes: dict[Field | str, str]) -> str | None:
    for name, value in attributes.items():
        fault = attribute_fault(value)
        if fault:
            return f"the column {name} {fault}"
    return None
