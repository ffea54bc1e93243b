"""Which part of the dead letters a page shows; all of it is in the address."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from postroad.core.dead_letter import Group, Shelf
from postroad.core.ids import RunId

_SHELVES: Final = {str(shelf): shelf for shelf in Shelf}


@dataclass(frozen=True, slots=True)
class Shown:
    """`group` None: the first there is. `at`: the chosen letter's number, 0 for the first."""

    shelf: Shelf = Shelf.OPEN
    group: Group | None = None
    at: int = 0
    cursor: str = ""


def shown_of(query: QueryDict) -> Shown:
    """What an address or a form asks for; what can't be read is left out."""
    shelf, cause = query.get("shelf", ""), query.get("cause", "")
    run, at = (_number(query.get(name, "")) for name in ("run", "at"))
    return Shown(
        shelf=_SHELVES.get(shelf, Shelf.OPEN),
        group=Group(RunId(run), cause.replace("\0", "")) if run and cause else None,
        at=at,
        cursor=query.get("cursor", ""),
    )


def url_of(
    shelf: Shelf, group: Group | None = None, *, at: int = 0, cursor: str | None = ""
) -> str:
    """The address of a part, with the first shelf, group, letter and page left out."""
    asked: dict[str, object] = {} if shelf is Shelf.OPEN else {"shelf": shelf}
    if group:
        asked |= {"run": group.run_id, "cause": group.cause}
    asked |= {"cursor": cursor} if cursor else {}
    asked |= {"at": at} if at else {}
    return reverse("web:dead-list") + (f"?{urlencode(asked)}" if asked else "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
