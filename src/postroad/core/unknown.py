"""Settling an unknown: what a person may say it was, and what may be done without one."""

from enum import StrEnum
from typing import Final

MOST_RESENDS: Final = 5
"""Of one mail, without a person."""


LATE_REPLY_SECONDS: Final = 900
"""A reply may still come within this time, whatever the setting for a person's resend."""


def policy_after_seconds(resend_after_seconds: float) -> float:
    """No policy acts on a mail earlier than this after it became unknown."""
    return max(LATE_REPLY_SECONDS, resend_after_seconds)


class UnknownPolicy(StrEnum):
    """Of a campaign, pinned in its runs: what becomes of their unknowns by themselves."""

    HOLD = "hold"
    """Nothing: they wait for a person."""
    RESEND = "resend"
    """Sent again with the same Message-ID, after a while, so often at most."""
    LOOK_UP = "look_up"
    """The relay's look-up is asked; without a clear answer they wait for a person."""


class Settlement(StrEnum):
    SENT = "sent"
    """It arrived: accepted, marked as settled for ever."""
    RESEND = "resend"
    """Once more, with the same Message-ID, so that the far end can tell it is the same."""
    DROP = "drop"
    """Never again: dead, discarded."""
