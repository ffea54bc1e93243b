"""What can be wrong with a template, told with its place."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    SYNTAX = "syntax"
    FORBIDDEN = "forbidden"
    """The template language has it, a mail may not: it could loop, grow or escape."""
    UNKNOWN_VARIABLE = "unknown_variable"
    HEADER = "header"
    """The subject would not be one line of a header."""
    FILE = "file"
    TOO_LARGE = "too_large"


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """`line` and `column` count characters from 1; 0 where a fault has no place.

    `part` is 'subject', 'body', 'text' or 'files'. `text` says what to do.
    """

    kind: FaultKind
    line: int
    column: int
    text: str
    variable: str = ""
    part: str = "body"


class Places:
    """Turns offsets of one source into lines and columns."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._starts = [0]
        start = source.find("\n")
        while start >= 0:
            self._starts.append(start + 1)
            start = source.find("\n", start + 1)

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `offset`."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def at_octet(self, octet: int) -> tuple[int, int]:
        """The same for an offset into the source's UTF-8."""
        return self.at(len(self._source.encode()[:octet].decode(errors="ignore")))
