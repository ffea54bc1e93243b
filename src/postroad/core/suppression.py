"""Addresses never written to: why, and what may be done about it."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    MANAGER = "manager"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    IMPORTED = "imported"

    @property
    def words(self) -> str:
        return _WORDS[self]

    @property
    def is_the_persons_will(self) -> bool:
        """The person asked not to be written to; releasing it needs a word of warning."""
        return self in (Reason.UNSUBSCRIBED, Reason.COMPLAINED)


_WORDS = {
    Reason.MANAGER: "put here by hand",
    Reason.UNSUBSCRIBED: "unsubscribed",
    Reason.COMPLAINED: "complained about spam",
    Reason.BOUNCED: "bounced, permanently",
    Reason.IMPORTED: "imported list",
}

SCOPE_ALL = "all"
"""The one scope there is so far: no campaign writes to the address."""


@dataclass(frozen=True, slots=True)
class SuppressCounts:
    """`known`: suppressed before, left with the reason it had."""

    added: int
    known: int
