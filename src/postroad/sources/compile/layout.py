"""Lines and indents of SQL, so that a person can read what is deployed.

While SQL is composed, line breaks are marks that no text of it can hold (they contain NUL, which
constants and names refuse); they become lines at the end, when the depth of each is known.
"""

import re
from collections.abc import Sequence
from typing import Final

LINE: Final = "\0;"
IN: Final = "\0>"
OUT: Final = "\0<"
_MARK = re.compile("\0([;<>])")


def block(*lines: str) -> str:
    """Lines of their own, one deeper than those around; what follows stands on a new line."""
    return f"{IN}{LINE}{LINE.join(lines)}{OUT}{LINE}"


def lines_of(parts: Sequence[str], joint: str) -> str:
    """One part a line, each after the first led by the joint: AND, OR."""
    return f"{LINE}{joint} ".join(parts)


def lay_out(marked: str, depth: int = 0) -> str:
    """The marks as lines, four blanks a depth."""
    pieces: list[str] = []
    position = 0
    for mark in _MARK.finditer(marked):
        pieces.append(marked[position : mark.start()])
        position = mark.end()
        match mark.group(1):
            case ">":
                depth += 1
            case "<":
                depth -= 1
            case _:
                pieces.append("\n" + "    " * depth)
    pieces.append(marked[position:])
    return "".join(pieces)
