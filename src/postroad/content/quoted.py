"""Quoted-printable (RFC 2045, 6.7) in pieces that can be put together in any order.

Every piece starts and ends at the beginning of a line: where its text does
not end with a line break it ends with a soft one. So a template's literal
text is encoded once, and per mail only the values are.
"""

import html
import re

from postroad.content.template import ValueFault
from postroad.core.variables import body_problem

_PLAIN = re.compile(r"[ -<>-~]{0,74}")
_UNSAFE = re.compile(r"[^ -<>-~\t]|\{(?=[{%#])")
_LINE_END = re.compile(r"\r\n|\r|\n")
_LONGEST = 75
"""Columns before the '=' of a soft break."""


def quote_text(text: str) -> str:
    """A piece of plain text, encoded. Line breaks become CRLF; UTF-8."""
    if _PLAIN.fullmatch(text) and "{" not in text:
        return f"{text}=\r\n" if text else ""
    problem = body_problem(text)
    if problem:
        raise ValueFault(problem)
    lines = _LINE_END.split(text)
    last = lines.pop()
    whole = "".join(_hard(line) for line in lines)
    return whole + (_fold(_escape(last)) + "=\r\n" if last else "")


def quote_html(text: str) -> str:
    """A value as a piece of HTML: escaped, then encoded."""
    return quote_text(html.escape(text))


def _hard(line: str) -> str:
    escaped = _escape(line)
    if escaped.endswith((" ", "\t")):
        escaped = f"{escaped[:-1]}={ord(escaped[-1]):02X}"
    return _fold(escaped) + "\r\n"


def _escape(line: str) -> str:
    return _UNSAFE.sub(lambda found: "".join(f"={octet:02X}" for octet in found[0].encode()), line)


def _fold(escaped: str) -> str:
    """Soft breaks so that no line, its '=' included, is over 76 columns."""
    if len(escaped) <= _LONGEST:
        return escaped
    lines = []
    start = 0
    while len(escaped) - start > _LONGEST:
        end = start + _LONGEST
        mark = escaped.rfind("=", end - 2, end)
        end = mark if mark >= 0 else end
        lines.append(escaped[start:end])
        start = end
    lines.append(escaped[start:])
    return "=\r\n".join(lines)


_GAP = re.compile(r"\r\n\r\n(?:\r\n)+")


def without_gaps(encoded: str) -> str:
    """At most one empty line in a row, none at the start; for text that was made by a program."""
    return _GAP.sub(_narrowed, encoded.lstrip("\r\n"))


def _narrowed(gap: re.Match[str]) -> str:
    is_soft = gap.string[gap.start() - 1] == "="  # Then the first break is none for the reader.
    return gap[0][:6] if is_soft else "\r\n\r\n"
