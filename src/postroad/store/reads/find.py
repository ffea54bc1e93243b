"""Find by name over all that has one."""

from dataclasses import dataclass
from typing import Final

from postroad.store.rows import rows

_SPECIAL: Final = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True, slots=True)
class Thing:
    """`kind`: campaign, audience, content or contact."""

    kind: str
    id: int
    name: str
    note: str


def find(words: str) -> tuple[Thing, ...]:
    """At most 36 things. `words` are taken literally, in any case."""
    if "\x00" in words:
        return ()
    literal = words.translate(_SPECIAL)
    found = rows("find", {"inside": f"%{literal}%", "start": f"{literal.casefold()}%"})
    return tuple(Thing(**one) for one in found)
