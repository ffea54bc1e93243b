"""What a relay announces in its EHLO answer, re-read after STARTTLS."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Features:
    """`size`: None when not announced, 0 for no fixed limit, else octets (RFC 1870)."""

    pipelining: bool = False
    size: int | None = None
    eight_bit: bool = False
    smtputf8: bool = False
    chunking: bool = False
    starttls: bool = False
    auth: frozenset[str] = frozenset()


def features_of(lines: tuple[str, ...]) -> Features:
    """From the lines of the EHLO answer, the first of which is a greeting."""
    words = [line.upper().split() for line in lines[1:]]
    found = {keyword: parameters for keyword, *parameters in filter(None, words)}
    return Features(
        pipelining="PIPELINING" in found,
        size=_size(found["SIZE"]) if "SIZE" in found else None,
        eight_bit="8BITMIME" in found,
        smtputf8="SMTPUTF8" in found,
        chunking="CHUNKING" in found,
        starttls="STARTTLS" in found,
        auth=frozenset(_mechanisms(words)),
    )


def _size(parameters: list[str]) -> int:
    number = parameters[0] if parameters else ""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 20 else 0


def _mechanisms(words: list[list[str]]) -> list[str]:
    """Also from the old spelling AUTH=LOGIN, and from several AUTH lines."""
    found: list[str] = []
    for keyword, *parameters in filter(None, words):
        if keyword == "AUTH" or keyword.startswith("AUTH="):
            found += [*keyword.split("=")[1:], *parameters]
    return found
