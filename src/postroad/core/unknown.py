"""Settling an unknown: what a person may say it was."""

from enum import StrEnum


class Settlement(StrEnum):
    SENT = "sent"
    """It arrived: accepted, marked as settled for ever."""
    RESEND = "resend"
    """Once more, with the same Message-ID, so that the far end can tell it is the same."""
    DROP = "drop"
    """Never again: dead, discarded."""
