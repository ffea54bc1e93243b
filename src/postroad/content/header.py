"""Header fields: RFC 5322 form, RFC 2047 encoded words, RFC 2231 file names, folded.

What comes in has passed `core.variables.header_problem`; what goes out is
ASCII, no line over 78 columns where a place to fold exists. A local part
beyond ASCII stays as it is and needs SMTPUTF8 (RFC 6532).
"""

import base64
import re
from collections.abc import Iterator
from urllib.parse import quote

LINE = 78
_WORD = 45
"""Octets in one encoded word: 60 characters of base64, 12 of frame, and room for a name."""

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_UNFOLDABLE = 300
"""A single word as long as this is encoded, for it could not be folded."""


def text_field(name: str, value: str) -> str:
    """An unstructured field such as Subject, with its CRLF. White space at the ends goes."""
    value = value.strip()
    if value.isascii() and "=?" not in value:
        if len(name) + 2 + len(value) <= LINE:
            return f"{name}: {value}\r\n"
        if "  " not in value and max(map(len, value.split(" "))) < _UNFOLDABLE:
            return f"{name}: {_fold(value, len(name) + 2)}\r\n"
    return f"{name}: {_encoded(value, len(name) + 2)}\r\n"


def address_field(name: str, display: str, address: str) -> str:
    """From, To or Reply-To with one mailbox, with its CRLF."""
    display = " ".join(part for part in display.strip().split(" ") if part)
    if not display:
        return f"{name}: {address}\r\n"
    phrase = _phrase(display, len(name) + 2)
    line = f"{name}: {phrase}"
    last = len(line) - (line.rfind("\n") + 1)
    gap = " " if last + len(address) + 3 <= LINE else "\r\n "
    return f"{line}{gap}<{address}>\r\n"


def _phrase(display: str, column: int) -> str:
    if display.isascii() and "=?" not in display and len(display) <= 60:
        if _ATOMS.fullmatch(display):
            return display
        escaped = display.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    return _encoded(display, column)


def _fold(value: str, column: int) -> str:
    """Folded before the word that would pass the line's end."""
    lines = [""]
    room = LINE - column
    for word in value.split(" "):
        if not lines[-1]:
            lines[-1] = word
        elif len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
            room = LINE - 1
    return "\r\n ".join(lines)


def _encoded(value: str, column: int) -> str:
    """Encoded words in base64, each of whole characters (RFC 2047, 5), one a line."""
    words = [
        f"=?utf-8?b?{base64.b64encode(octets).decode()}?="
        for octets in _chunks(value, (_WORD, _WORD - min(column, 21)))
    ]
    return "\r\n ".join(words)


def _chunks(value: str, sizes: tuple[int, int]) -> Iterator[bytes]:
    """UTF-8 of `value` cut between characters; the first piece shorter than the others."""
    other, room = sizes
    octets = value.encode()
    while len(octets) > room:
        end = room
        while octets[end] & 0xC0 == 0x80:  # In the middle of a character.
            end -= 1
        yield octets[:end]
        octets, room = octets[end:], other
    yield octets


def parameter(name: str, value: str) -> str:
    """A MIME parameter on lines of its own: ';', CRLF, space, name=value (RFC 2231, 3 and 4)."""
    if value.isascii() and len(value) <= 60:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f';\r\n {name}="{escaped}"'
    pieces = _percent_pieces(value, LINE - len(name) - 24)
    if len(pieces) == 1:
        return f";\r\n {name}*=utf-8''{pieces[0]}"
    first, *others = pieces
    lines = [f";\r\n {name}*0*=utf-8''{first}"]
    lines += [f";\r\n {name}*{number}*={piece}" for number, piece in enumerate(others, 1)]
    return "".join(lines)


def _percent_pieces(value: str, room: int) -> list[str]:
    pieces = [""]
    for character in value:
        encoded = quote(character, safe="")
        if len(pieces[-1]) + len(encoded) > room:
            pieces.append("")
        pieces[-1] += encoded
    return pieces
