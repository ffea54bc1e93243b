"""The look-up hook of a relay: who is asked about an unknown mail, and what the answer says.

A hook is an address (http or https), or the name of a program in the directory
`lookup` of the home. The manager of the machine puts programs there; a page can
only name one, so that who gets into the console gets no shell with it.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class LookupAnswer(StrEnum):
    SENT = "sent"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Heard:
    """`said`: one sentence for the journal."""

    answer: LookupAnswer
    said: str


_ADDRESS: Final = re.compile(r"https?://[!-~]{1,900}")
_PROGRAM: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def is_address(hook: str) -> bool:
    return hook.startswith(("http://", "https://"))


def lookup_fault(hook: str) -> str:
    """What is wrong with it, ending with what to do; '' for nothing. Empty means no look-up."""
    if not hook or (not is_address(hook) and _PROGRAM.fullmatch(hook)):
        return ""
    if not is_address(hook):
        return (
            "This is neither an address nor the name of a program: write it like"
            " https://mail.example.org/lookup, or like ask-relay."
        )
    try:
        parts = urlsplit(hook)
        is_usable = bool(_ADDRESS.fullmatch(hook) and parts.hostname and parts.port != 0)
    except ValueError:
        return _UNREADABLE
    if not is_usable:
        return _UNREADABLE
    if "@" in parts.netloc:
        return "A password would stand here in clear: take it out, or let a program ask."
    return ""


_UNREADABLE: Final = "This address cannot be read: write it like https://mail.example.org/lookup."
_ANSWERS: Final = {
    "sent": LookupAnswer.SENT,
    "not sent": LookupAnswer.NOT_SENT,
    "not_sent": LookupAnswer.NOT_SENT,
    "unknown": LookupAnswer.UNKNOWN,
    "don't know": LookupAnswer.UNKNOWN,
}
_SAID: Final = {
    LookupAnswer.SENT: "The look-up says that it was sent.",
    LookupAnswer.NOT_SENT: "The look-up says that it was not sent.",
    LookupAnswer.UNKNOWN: "The look-up does not know.",
}


def read_answer(text: str) -> Heard:
    """The first line decides, and only a whole word of those agreed on."""
    first = text.strip().split("\n", 1)[0].strip()
    answer = _ANSWERS.get(first.lower())
    if answer is None:
        shown = "".join(c if c.isprintable() else "?" for c in first[:80])
        return silent(f"gave no answer that can be read ({shown or 'nothing'})")
    return Heard(answer, _SAID[answer])


def silent(why: str) -> Heard:
    """No answer, whatever the reason: nobody guesses."""
    return Heard(LookupAnswer.UNKNOWN, f"The look-up {why}.")
