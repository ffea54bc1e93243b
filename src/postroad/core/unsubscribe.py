"""Who may unsubscribe by a public address, and what its page shows."""

import hmac
from dataclasses import dataclass

_NO_SECRET = bytes(16)


def is_genuine(given: bytes, kept: bytes | None) -> bool:
    """Whether the address holds the mail's secret; takes the same time whatever is wrong with it.

    `kept` None: there is no such mail.
    """
    is_same = hmac.compare_digest(given, _NO_SECRET if kept is None else kept)
    return is_same and kept is not None


def masked(address: str) -> str:
    """'a…@example.org': enough for its owner, little for whoever else got hold of the link."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}"


@dataclass(frozen=True, slots=True)
class Unsubscribing:
    """What the page may say. `sender` is the name, or the address where there is none."""

    sender: str
    address: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class NoSuchMail:
    """The address was not made by us, or its mail is forgotten."""
