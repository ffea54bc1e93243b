"""Texts of others, shown so that they cannot pass for ours."""

import unicodedata

SHOWN = 60
_OWN_MARKS = "“”\\"


def quoted(text: str) -> str:
    """In “…”: one line, cut at 60 characters, with everything invisible written out."""
    cut = text[:SHOWN]
    shown = "".join(_visible(one) for one in cut)
    return f"“{shown}{'…' if len(text) > SHOWN else ''}”"


def _visible(character: str) -> str:
    if character in _OWN_MARKS:
        return f"\\{character}"
    is_plain = character == " " or unicodedata.category(character)[0] in "LMNPS"
    return character if is_plain else f"\\u{{{ord(character):x}}}"


def joined(parts: list[str], last: str) -> str:
    """Parts in a row: a, b or c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def name_words(name: str) -> str:
    """A name of a table or column: as it is where it is plain, else in “…”."""
    is_plain = name.replace("_", "a").isalnum() and len(name) <= SHOWN
    return name if is_plain else quoted(name)
