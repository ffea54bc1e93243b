"""The suppression list, newest first, and looking one address up."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from postroad.core.address import BadAddress, hash_of, parse_address
from postroad.core.suppression import Reason
from postroad.store.models import Suppression
from postroad.store.queries import query

from .keyset import Page, Place, decode, estimate_rows, page_of

PAGE_SIZE = 50
_NEWEST = ("infinity", "")


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """`address` is None where it was erased and only its hash is kept."""

    hash: bytes
    address: str | None
    reason: Reason
    note: str
    created_at: datetime


SuppressionPage = Page[SuppressionRow]


def page(cursor: str | None = None, size: int = PAGE_SIZE) -> SuppressionPage:
    place = decode(cursor, (str, str))
    created_at, address_hash = place.key if place and _is_sound(place) else _NEWEST
    name = "suppression_list_back" if place and place.is_back else "suppression_list"
    rows = _rows(
        name,
        {"created_at": created_at, "hash": bytes.fromhex(str(address_hash)), "limit": size + 1},
    )
    total = estimate_rows(Suppression.objects.all())
    return page_of(rows, size, place, _key, total)


def find(text: str) -> SuppressionRow | None:
    """The entry of one address, written in any way that means it; also of an erased one."""
    address = parse_address(text)
    if isinstance(address, BadAddress):
        return None
    return find_hash(address.hash)


def find_hash(address_hash: bytes) -> SuppressionRow | None:
    rows = _rows("suppression_find", {"hash": address_hash})
    return rows[0] if rows else None


def is_suppressed(address_key: str) -> bool:
    return find_hash(hash_of(address_key)) is not None


def _key(row: SuppressionRow) -> tuple[str | int, ...]:
    return (row.created_at.isoformat(), row.hash.hex())


def _is_sound(place: Place) -> bool:
    try:
        datetime.fromisoformat(str(place.key[0]))
        bytes.fromhex(str(place.key[1]))
    except ValueError:
        return False
    return True


def _rows(name: str, parameters: dict[str, str | bytes | int]) -> list[SuppressionRow]:
    with connection.cursor() as cursor:
        cursor.execute(query(name), parameters)
        return [
            SuppressionRow(bytes(key), address, Reason(reason), note, created_at)
            for key, address, reason, note, created_at in cursor
        ]
