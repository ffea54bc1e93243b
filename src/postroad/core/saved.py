"""What saving something came to: the outcomes that all forms share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True)
class Saved(Generic[Id]):
    """It is in the database. `abandoned`: runs that waited for launch and are stopped now."""

    id: Id
    abandoned: int = 0


@dataclass(frozen=True, slots=True)
class Unchanged(Generic[Id]):
    """It was as asked already; nothing was written."""

    id: Id


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was written. Field → what is wrong, ending with what to do; '' is the whole."""

    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gone:
    """What was to be changed is not there any more; the text says what to do."""

    text: str
