"""What a dead letter needs: whether the same bytes can do better, and what would."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from postroad.core.ids import RunId

_LETTER: Final = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})\.([0-9]{1,4})")
_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


class Shelf(StrEnum):
    """Where a dead letter lies: open until somebody decided."""

    OPEN = "open"
    REQUEUED = "requeued"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Advice:
    """`fails_again`: requeueing alone sends the same bytes into the same refusal."""

    fails_again: bool
    meaning: str
    help: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One dead letter at the attempt that died: asked twice is done once."""

    run_id: RunId
    n: int
    attempt: int

    def __str__(self) -> str:
        """As addresses and forms carry it: 12.345.1."""
        return f"{self.run_id}.{self.n}.{self.attempt}"


def parse_letters(texts: Iterable[str]) -> list[Letter]:
    """Letters as `str` writes them; what is none is left out."""
    found = (_LETTER.fullmatch(text) for text in texts)
    return [Letter(RunId(int(one[1])), int(one[2]), int(one[3])) for one in found if one]


@dataclass(frozen=True, slots=True)
class Group:
    """All open dead letters of one run that died alike."""

    run_id: RunId
    cause: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """One act: the journal ids it lies between, so that it can be undone."""

    count: int
    after: int
    upto: int


_TOO_BIG: Final = Advice(
    fails_again=True,
    meaning="The mail is larger than the relay takes",
    help="Put a smaller file, or a link to it, into a new revision and make a new run for these"
    " people; or send through a relay that takes more.",
)
_CONTENT: Final = Advice(
    fails_again=True,
    meaning="The relay does not take this content",
    help="Mend the content in a new revision and make a new run for these people.",
)
_GAVE_UP: Final = Advice(
    fails_again=False,
    meaning="Gave up: every try was put off",
    help="When the cause has passed, requeue them: the same bytes go out again.",
)
_COMMAND: Final = Advice(
    fails_again=True,
    meaning="The relay does not understand or allow what was asked",
    help="Check the relay's settings, or send through another one, then requeue.",
)
_DROPPED: Final = Advice(
    fails_again=False,
    meaning="Dropped by hand, from unknown",
    help="Requeue sends it again with the same Message-ID; the recipient may get it twice.",
)
_OTHER: Final = Advice(
    fails_again=False,
    meaning="The relay refused the message for good",
    help="Read the reply; when what it names is mended, requeue.",
)


def advice_on(cause: str, text: str = "") -> Advice:
    """`cause` as the list of what wants a look keeps it, '552 5.3.4' or 'gave up: 451 4.3.0'."""
    if cause.startswith("gave up"):
        return _GAVE_UP
    if cause in ("no reply", "worker lost"):
        return _DROPPED
    code = cause[:3] if cause[:3].isdigit() else ""
    match _ENHANCED.search(f"{cause} {text}"):
        case re.Match() as found if found[0] in ("5.3.4", "5.2.3"):
            return _TOO_BIG
        case re.Match() as found if found[0].startswith("5.6."):
            return _CONTENT
        case re.Match() as found if found[0].startswith("5.5."):
            return _COMMAND
        case _ if code == "552":
            return _TOO_BIG
        case _ if code in ("500", "501", "502", "503", "504", "555"):
            return _COMMAND
        case _:
            return _OTHER
