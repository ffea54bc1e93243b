"""Pages by keyset: a cursor is the last row's key, so page 1,000 costs what page 1 does."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import QuerySet

from postroad.store.queries import query

Row = TypeVar("Row")
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next` and `previous` are cursors for the same read, None where there is nothing more.

    `total_estimate` is exact up to 10,000 and the database's estimate above.
    """

    rows: tuple[Row, ...]
    next: str | None
    previous: str | None
    total_estimate: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: behind the key, or before it when going back."""

    key: Key
    is_back: bool


def encode(place: Place) -> str:
    """A cursor that is safe in a URL."""
    text = json.dumps([place.is_back, *place.key], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str | None, shape: Sequence[type]) -> Place | None:
    """The place of a cursor; None, the first page, for none and for anything not of that shape."""
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        is_back, *key = json.loads(base64.urlsafe_b64decode(padded.encode()))
    except (ValueError, TypeError):
        return None
    if [type(is_back), *(type(part) for part in key)] != [bool, *shape]:
        return None
    if any(isinstance(part, str) and "\0" in part for part in key):
        return None
    return Place(tuple(key), is_back)


def page_of(
    rows: Sequence[Row],
    size: int,
    place: Place | None,
    key_of: Callable[[Row], Key],
    total_estimate: int,
) -> Page[Row]:
    """A page from up to size + 1 rows, read in the direction of `place`."""
    is_back = place is not None and place.is_back
    has_more = len(rows) > size
    kept = list(rows[:size])
    if is_back:
        kept.reverse()
    if not kept:
        return Page((), None, None, total_estimate)
    has_next = is_back or has_more
    has_previous = has_more if is_back else place is not None
    return Page(
        tuple(kept),
        encode(Place(key_of(kept[-1]), is_back=False)) if has_next else None,
        encode(Place(key_of(kept[0]), is_back=True)) if has_previous else None,
        total_estimate,
    )


COUNTED = 10_000
"""Rows that are counted; above it a list says what the database estimates."""


def estimate_rows(rows: QuerySet[Any]) -> int:
    """How many rows the whole table of `rows` has. Never reads more than COUNTED + 1 rows."""
    counted = rows[: COUNTED + 1].count()
    if counted <= COUNTED:
        return counted
    with connection.cursor() as cursor:
        cursor.execute(query("estimate_rows"), {"table": rows.model._meta.db_table})  # noqa: SLF001
        return max(counted, int(cursor.fetchone()[0]))
