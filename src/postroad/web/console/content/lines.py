"""What stands beside a preview: its variables with this person's values, and the checks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from postroad.actions.examine_content import Variable
from postroad.core.variables import is_missing
from postroad.wiring.campaigning import SAMPLE_UNSUBSCRIBE, PreviewPerson, Setting

_TONES: Final = {"red": "bad", "yellow": "warn", "blue": ""}
_ORDER: Final = list(_TONES)


class Said(Protocol):
    """A check or a finding."""

    @property
    def severity(self) -> str: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: bad blocks, warn is to be read, '' informs."""

    tone: str
    text: str


def lines_of(*said: Iterable[Said]) -> list[Line]:
    """Red first; what two checks say alike is said once."""
    found = sorted(
        (each for some in said for each in some), key=lambda each: _ORDER.index(each.severity)
    )
    return list(dict.fromkeys(Line(_TONES[each.severity], each.text) for each in found))


@dataclass(frozen=True, slots=True)
class Value:
    """A variable as this person has it."""

    variable: Variable
    text: str
    is_missing: bool


def values_of(
    variables: Iterable[Variable], person: PreviewPerson | None, setting: Setting
) -> list[Value]:
    sender = setting.sender
    values = {
        **(person.data if person else {}),
        "unsubscribe_url": SAMPLE_UNSUBSCRIBE if setting.is_bulk else "",
        "sender_name": sender.name,
        "sender_address": sender.address,
        "postal_address": sender.postal_address,
    }
    return [
        Value(each, str(values.get(each.name, "")), is_missing(values.get(each.name)))
        for each in variables
    ]
