"""Settling an unknown: what a person may say it was, and what may be done without one."""

from enum import StrEnum
from typing import Final

MOST_RESENDS: Final = 5
"""Of one mail, without a person."""


class UnknownPolicy(StrEnum):
    """Of a campaign, pinned in its runs: what becomes of their unknowns by themselves."""

    HOLD = "hold"
    """Nothing: they wait for a person."""
    RESEND = "resend"
    """Sent again with the same Message-ID, after 15 minutes, so often at most."""
    LOOK_UP = "look_up"
    """The relay's look-up is asked; without a clear answer they wait for a person."""


class Settlement(StrEnum):
    SENT = "sent"
    """It arrived: accepted, marked as settled for ever."""
    RESEND = "resend"
    """Once more, with the same Message-ID, so that the far end can tell it is the same."""
    DROP = "drop"
    """Never again: dead, discarded."""
