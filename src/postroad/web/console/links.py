"""Addresses of pages with what they are asked for, and what was asked."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .request import Request

_MOST = 10_000


def link(name: str, /, *args: object, **asked: str | Sequence[object] | None) -> str:
    """The page of that name; what is '' or None is left out of its address."""
    query = urlencode({key: value for key, value in asked.items() if value}, doseq=True)
    return reverse(name, args=args) + (f"?{query}" if query else "")


def numbers_in(query: QueryDict, name: str = "of") -> list[int]:
    """Numbers of things that were chosen; what is no number is passed over."""
    texts = query.getlist(name)[:_MOST]
    return [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]


def back_to(request: Request, default: str, *args: object) -> str:
    """Where an act was pressed, when that is a page of ours, else the page of that name."""
    wanted = request.POST.get("back") or request.GET.get("back", "")
    return wanted if is_of_ours(wanted) else reverse(default, args=args)


def is_of_ours(address: str) -> bool:
    """Whether it is the path of a page here: a mere word is none, and would be taken for a name."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, allowed_hosts=None)


def pager(words: str, previous: str, following: str) -> dict[str, Any]:
    """What shell/_pager.html shows; an address of '' is a dead button."""
    return {"words": words, "previous": previous, "next": following}
