"""Rules for the values that fill a mail: what is missing, what may reach a header."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Policy(StrEnum):
    """What happens when a mail needs a variable that its recipient has not."""

    FAIL = "fail"
    SKIP = "skip"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class VariablePolicy:
    """`default` is the text used with policy DEFAULT; it may be ''."""

    policy: Policy = Policy.FAIL
    default: str = ""


def is_missing(value: object) -> bool:
    """True for absent (None) and for text that is empty or only white space."""
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


_LINE_BREAK = re.compile("[\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def header_problem(text: str) -> str | None:
    """Why `text` may not reach a header field (RFC 5322, 2.2), or None.

    The answer is 'line break', 'control character' or 'broken text' (half a
    surrogate pair), so that 'line break in name' groups alike.
    """
    if text.isascii() and text.isprintable():
        return None
    if _LINE_BREAK.search(text):
        return "line break"
    if _CONTROL.search(text):
        return "control character"
    return "broken text" if _SURROGATE.search(text) else None


def body_problem(text: str) -> str | None:
    """Why `text` may not reach a body: 'NUL character' or 'broken text', else None."""
    if "\0" in text:
        return "NUL character"
    if not text.isascii() and _SURROGATE.search(text):
        return "broken text"
    return None
