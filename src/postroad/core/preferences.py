"""What the manager sets for the whole product while it runs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields

from .address import BadAddress, parse_address
from .campaign import is_public_https
from .contact import text_fault


@dataclass(frozen=True, slots=True)
class Preferences:
    """`public_url`: where recipients reach the unsubscribe pages, '' = nowhere.

    `undo_seconds`: how long a launch can be undone. `zone`: the one
    that a launch for later is offered in first.
    """

    public_url: str = ""
    undo_seconds: float = 60
    zone: str = "UTC"
    sender_name: str = ""
    sender_address: str = ""

    def as_json(self) -> dict[str, str | float]:
        return asdict(self)


NAMES = frozenset(field.name for field in fields(Preferences))


def is_sound(name: str, value: object) -> bool:
    """Whether a kept value has the type of the preference of that name."""
    if name not in NAMES:
        return False
    if name == "undo_seconds":
        return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    return isinstance(value, str)


def preference_faults(preferences: Preferences, known_zones: frozenset[str]) -> dict[str, str]:
    """Field → what is wrong, ending with what to do."""
    return dict(_faults(preferences, known_zones))


def _faults(preferences: Preferences, known_zones: frozenset[str]) -> Iterator[tuple[str, str]]:
    if preferences.public_url and not is_public_https(preferences.public_url):
        text = "Recipients cannot reach this: write an address like https://mail.example.org."
        yield "public_url", text
    if not 0 <= preferences.undo_seconds <= 3600:
        yield "undo_seconds", "Between 0 and 3,600 seconds are possible: 60 suit most people."
    if preferences.zone not in known_zones:
        yield "zone", "This time zone is not known: write it like Europe/Vienna."
    if fault := text_fault(preferences.sender_name):
        yield "sender_name", f"This {fault}"
    if preferences.sender_address:
        address = parse_address(preferences.sender_address)
        if isinstance(address, BadAddress):
            yield "sender_address", f"This {address.text}"
