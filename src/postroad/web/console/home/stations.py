"""The first start's road: five stations, in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from postroad.web.console import figures


@dataclass(frozen=True, slots=True)
class Station:
    """`state`: done, look (the next to do), block or empty. A `url` of '' is no link."""

    state: str
    icon: str
    word: str
    value: str
    hint: str
    url: str = ""


class Start(Protocol):
    """What the road is drawn from."""

    @property
    def contacts(self) -> int: ...
    @property
    def content(self) -> str | None: ...
    @property
    def relay_names(self) -> tuple[str, ...]: ...


def stations(home: Start, account: Station, to: Mapping[str, str]) -> list[Station]:
    """The first one that is not done is the next to look at."""
    people = Station(
        "done" if home.contacts else "empty",
        "users",
        "People",
        figures.counted(home.contacts, "contact"),
        "In the book" if home.contacts else "Next: bring a list",
        to["contacts"],
    )
    letter = Station(
        "done" if home.content else "empty",
        "file-text",
        "Letter",
        home.content or "None",
        "HTML, Markdown or text",
        to["content"],
    )
    relay = Station(
        "done" if home.relay_names else "empty",
        "plug",
        "Relay",
        home.relay_names[0] if home.relay_names else "Sandbox",
        "Real mail" if home.relay_names else "Mail stays in the inbox here",
        to["relays"],
    )
    launch = Station("empty", "rocket", "Launch", "Not yet", "After a dry run", to["new_campaign"])
    road = [account, people, letter, relay, launch]
    next_at = next(at for at, station in enumerate(road) if station.state == "empty")
    road[next_at] = replace(road[next_at], state="look")
    return road


def account_station(name: str, url: str, *, has_password: bool) -> Station:
    """Done from the first moment: who sees it has signed in."""
    hint = "Password set" if has_password else "Set-up link used, no password yet"
    return Station("done", "lock", "Account", name, hint, url)
