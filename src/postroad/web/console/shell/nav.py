"""The navigation: where one can go, and the figures beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.urls import NoReverseMatch, reverse

from postroad.web.console.request import Request


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is pressed after G. `families` are those whose pages belong to it."""

    word: str
    icon: str
    name: str
    key: str
    families: tuple[str, ...]
    figure: str = ""
    """'dead' or 'unknown': which count stands beside it."""


_ITEMS: Final = (
    Item("Dashboard", "layout-dashboard", "web:home", "d", ("home",)),
    Item("Campaigns", "route", "web:campaign-list", "c", ("campaign", "run", "delivery")),
    Item("Contacts", "address-book", "web:contact-list", "p", ("contact",)),
    Item("Audiences", "filter", "web:audience-list", "a", ("audience",)),
    Item("Sources", "database", "web:source-list", "o", ("source",)),
    Item("Content", "file-text", "web:content-list", "t", ("content",)),
    Item("Journal", "timeline-event", "web:journal-list", "j", ("journal",)),
    Item("Dead letters", "mail-x", "web:dead-list", "l", ("dead",), "dead"),
    Item("Unknown", "help-circle", "web:unknown-list", "u", ("unknown",), "unknown"),
    Item("Inbox", "inbox", "web:inbox-list", "i", ("inbox",)),
    Item("Queues", "stack-2", "web:queue-list", "q", ("queue",)),
    Item("Workers", "cpu", "web:worker-list", "w", ("worker",)),
    Item("Relays", "server", "web:relay-list", "r", ("relay", "limit")),
    Item("Suppressions", "ban", "web:suppression-list", "x", ("suppression",)),
    Item("Settings", "settings", "web:setting-list", "s", ("setting", "account")),
)


@cache
def items() -> tuple[tuple[Item, str], ...]:
    """Items with their URL. One whose pages do not exist is left out."""
    return tuple((item, url) for item in _ITEMS if (url := _url_of(item.name)))


def _url_of(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def nav_context(request: Request, at: str | None = None) -> dict[str, Any]:
    """`at`: the family of the page, when it is not that of the request itself."""
    family = at if at is not None else family_of(request)
    nav = request.app.reads.nav(request.app.clock.now())
    figures: dict[str, int] = {"dead": nav.dead, "unknown": nav.unknown}
    count: Callable[[Item], int] = lambda item: figures.get(item.figure, 0)  # noqa: E731
    return {
        "family": family,
        "nav": nav,
        "nav_items": [
            {"item": item, "url": url, "is_here": family in item.families, "count": count(item)}
            for item, url in items()
        ],
    }


def family_of(request: Request) -> str:
    """The page family that answers the request, '' for none."""
    match = request.resolver_match
    return (match.url_name or "").partition("-")[0] if match else ""
