"""SQL literals for PostgreSQL that mean the same under every server setting.

Routines hold their literals, since a stored routine has no parameters of ours.
A plain '…' changes its meaning with standard_conforming_strings; E'…' does not.
"""

import re
from collections.abc import Iterable

_IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]{0,62}")


def text_literal(text: str) -> str:
    """A text constant. ValueError for NUL and lone surrogates, which no text column holds."""
    if "\0" in text:
        raise ValueError("a text with NUL cannot be a literal")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a text with a lone surrogate cannot be a literal") from None
    doubled = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{doubled}'"


def text_list(texts: Iterable[str]) -> str:
    """'(a, b, …)' for IN; never empty."""
    return _listed(text_literal(text) for text in texts)


def integer_list(numbers: Iterable[int]) -> str:
    """'(1, 2, …)' for IN; never empty."""
    return _listed(str(int(number)) for number in numbers)


def _listed(literals: Iterable[str]) -> str:
    joined = ", ".join(literals)
    if not joined:
        raise ValueError("a list of literals needs at least one")
    return f"({joined})"


def identifier(name: str) -> str:
    """A name of ours, unquoted; ValueError for anything that would need quotes."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(f"not a plain SQL name: {name[:80]!r}")
    return name
