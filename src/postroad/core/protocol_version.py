"""Which version of the sending protocol this program speaks."""

from enum import Enum, auto
from typing import Final

SPOKEN: Final = 1
"""Raised when the functions that a worker calls change; see protocol_versions.sql."""


class Fit(Enum):
    """How this program and a database go together."""

    FITS = auto()
    WAITS = auto()
    """The database is older, or empty: `postroad migrate` brings it up."""
    TOO_OLD = auto()
    """The database serves this version no more: this host wants a newer program."""


def fit_of(served: tuple[int, int] | None, spoken: int = SPOKEN) -> Fit:
    """`served`: the oldest and newest version that the database serves; None: no schema yet."""
    if served is None or served[1] < spoken:
        return Fit.WAITS
    return Fit.TOO_OLD if spoken < served[0] else Fit.FITS
