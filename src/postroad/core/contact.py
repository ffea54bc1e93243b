"""A person we may write to, as entered: names, the key to sort by, attributes.

First and last name are guessed once, when a person is entered, so that the
manager sees the guess beside the name and mends it where it is wrong.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .address import Address, control_in
from .ids import ContactId

MAX_TEXT = 400
"""Characters of a name, a company or a tag."""
MAX_ATTRIBUTE = 10_000
"""Characters of one attribute's value."""

RESERVED_VARIABLES = frozenset(
    {"address", "name", "first_name", "last_name", "company", "unsubscribe_url"}
)
"""Variables with a meaning of their own; no attribute takes their name."""


@dataclass(frozen=True, slots=True)
class NewContact:
    """One entered person; texts are stripped and free of control characters.

    `attributes` are variables by name (see `slug_of`), none of them empty.
    """

    address: Address
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    zone: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()

    @property
    def sort_key(self) -> str:
        return sort_key_of(self.last_name, self.first_name, self.name, self.address.address)


class Known(StrEnum):
    """What entering a person does who is in the book already."""

    FILL = "fill"
    """Only what is empty in the book is taken."""
    UPDATE = "update"
    """What is given is taken; an empty field changes nothing."""


@dataclass(frozen=True, slots=True)
class PutCounts:
    """What entering people came to.

    `duplicates`: the address came before in the same input. `tagged`: people who
    got a tag they did not have. `suppressed`: people who are entered and still
    not written to.
    """

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    tagged: int = 0
    suppressed: int = 0

    @property
    def people(self) -> int:
        return self.added + self.updated + self.unchanged


@dataclass(frozen=True, slots=True)
class Names:
    name: str
    first_name: str
    last_name: str


_TITLES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "herr",
        "frau",
        "sir",
        "dame",
        "ing",
        "mag",
    }
)
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md", "msc", "ba", "ma", "mba", "esq"})
_PARTICLES = frozenset(
    {
        "von",
        "van",
        "vom",
        "zu",
        "zum",
        "zur",
        "der",
        "den",
        "de",
        "del",
        "della",
        "da",
        "das",
        "dos",
        "du",
        "di",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ten",
        "ter",
        "af",
        "av",
    }
)
_FAMILY_FIRST = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL")


def complete_names(name: str, first_name: str = "", last_name: str = "") -> Names:
    """Fills what is missing of the three from what is given; what is given stays."""
    if first_name or last_name:
        return Names(name or f"{first_name} {last_name}".strip(), first_name, last_name)
    first, last = _guess(name)
    return Names(name, first, last)


def _guess(name: str) -> tuple[str, str]:
    if "," in name:
        last, _, first = (part.strip() for part in name.partition(","))
        if last and first and first.strip(".").lower() not in _SUFFIXES:
            return first, last
        name = last
    words = name.split()
    while len(words) > 1 and words[0].strip(".").lower() in _TITLES:
        words.pop(0)
    while len(words) > 1 and words[-1].strip(".").lower() in _SUFFIXES:
        words.pop()
    if not words:
        return "", ""
    if len(words) == 1:
        return words[0], ""
    if unicodedata.name(words[0][0], "").startswith(_FAMILY_FIRST):
        return " ".join(words[1:]), words[0]
    return _split_at_particle(words)


def _split_at_particle(words: list[str]) -> tuple[str, str]:
    """'Ludwig van Beethoven': the family name begins with its first particle."""
    at = len(words) - 1
    for position in range(1, len(words) - 1):
        if words[position].lower() in _PARTICLES:
            at = position
            break
    return " ".join(words[:at]), " ".join(words[at:])


def sort_key_of(last_name: str, first_name: str, name: str, address: str) -> str:
    """Orders lists by family name without regard to case and accents."""
    return folded(f"{last_name} {first_name}".strip() or name or address)


_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)


def folded(text: str) -> str:
    """Case and accents taken away: 'Łukasz Öztürk' is 'lukasz ozturk'."""
    if text.isascii():
        return " ".join(text.lower().split())
    # Folding and decomposing feed each other (Unicode 3.13, D146): twice is enough.
    for _ in range(2):
        text = unicodedata.normalize("NFKD", text.casefold()).translate(_LETTERS)
        text = "".join(part for part in text if not unicodedata.combining(part))
    return " ".join(unicodedata.normalize("NFC", text).split())


_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug_of(header: str, position: int) -> str:
    """A column's header as the name of a template variable: [a-z][a-z0-9_]*.

    A header without any Latin letter or digit is 'column_<position>' (from 1).
    """
    slug = _NOT_SLUG.sub("_", folded(header)).strip("_")[:60]
    if not slug:
        return f"column_{position}"
    if slug[0].isdigit():
        slug = f"column_{slug}"
    return f"{slug}_{position}" if slug in RESERVED_VARIABLES else slug


def text_fault(text: str, limit: int = MAX_TEXT) -> str | None:
    """Why a text is not fit for a name, a company or a tag, or None."""
    control = control_in(text)
    if control:
        return f"contains {control}: take it out."
    if len(text) > limit:
        return f"is longer than {limit:,} characters: shorten it."
    return None


def attribute_fault(text: str) -> str | None:
    """An attribute may have several lines, yet no other control character."""
    for line in text.splitlines() or [text]:
        control = control_in(line.replace("\t", " "))
        if control:
            return f"contains {control}: take it out."
    if len(text) > MAX_ATTRIBUTE:
        return f"is longer than {MAX_ATTRIBUTE:,} characters: shorten it."
    return None


def clean_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Tags stripped, each once, in the order given; empty ones dropped."""
    stripped = (text.strip() for text in texts)
    return tuple(dict.fromkeys(tag for tag in stripped if tag))


def tags_fault(tags: Iterable[str]) -> str | None:
    """What is wrong with the first bad tag, ending with what to do, or None."""
    for tag in tags:
        fault = text_fault(tag)
        if fault:
            return f"The tag {tag[:40]!r} {fault}"
    return None


@dataclass(frozen=True, slots=True)
class DeletedContacts:
    """`snapshot` holds all of them, as JSON, for putting them back."""

    count: int
    snapshot: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AddressTaken:
    """Another contact has this address; nothing was written."""

    contact_id: ContactId
