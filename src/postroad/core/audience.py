"""Who a campaign is for: a choice among the contacts, compiled to a stored routine."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from .contact import text_fault
from .ids import ContactId

MAX_TAGS = 100
MAX_PICKED = 10_000


@dataclass(frozen=True, slots=True)
class Everyone:
    """All contacts."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Contacts with at least one of these tags."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandPicked:
    """These contacts, as far as they are still in the book."""

    contact_ids: tuple[ContactId, ...]


Definition = Everyone | Tagged | HandPicked


@dataclass(frozen=True, slots=True)
class Routine:
    """A compiled definition. `name` is schema-qualified, `sql` creates the routine."""

    name: str
    sql: str
    words: str


def fault_of(definition: Definition) -> str | None:
    """Why a definition cannot be deployed, ending with what to do, or None."""
    match definition:
        case Everyone():
            return None
        case Tagged(names):
            return _tags_fault(names)
        case HandPicked(contact_ids):
            return _picked_fault(contact_ids)
        case _:
            assert_never(definition)


def _tags_fault(names: tuple[str, ...]) -> str | None:
    if not names:
        return "No tag is chosen: choose at least one."
    if len(names) > MAX_TAGS:
        return f"More than {MAX_TAGS} tags are chosen: give these people one tag of their own."
    for name in names:
        fault = text_fault(name) if name else "is empty: choose a tag with a name."
        if fault:
            return f"The tag {name[:40]!r} {fault}"
    return None


def _picked_fault(contact_ids: tuple[ContactId, ...]) -> str | None:
    if not contact_ids:
        return "Nobody is picked: pick at least one contact."
    if len(contact_ids) > MAX_PICKED:
        return f"More than {MAX_PICKED:,} people are picked: tag them and choose the tag."
    if any(not 0 < contact_id < 2**63 for contact_id in contact_ids):
        return "A picked contact does not exist: pick the people again."
    return None


def words_of(definition: Definition) -> str:
    """The definition, one without a fault, as a person would say it."""
    match definition:
        case Everyone():
            return "everyone in the contacts"
        case Tagged(names):
            quoted = [f"“{name}”" for name in names]
            if len(quoted) == 1:
                return f"contacts with the tag {quoted[0]}"
            return f"contacts with any of the tags {', '.join(quoted[:-1])} or {quoted[-1]}"
        case HandPicked(contact_ids):
            people = "person" if len(contact_ids) == 1 else "people"
            return f"{len(contact_ids):,} {people} picked by hand"
        case _:
            assert_never(definition)


def to_json(definition: Definition) -> dict[str, object]:
    """The form that is kept with a version: {"kind": …, …}."""
    match definition:
        case Everyone():
            return {"kind": "everyone"}
        case Tagged(names):
            return {"kind": "tagged", "names": list(names)}
        case HandPicked(contact_ids):
            return {"kind": "hand_picked", "contact_ids": list(contact_ids)}
        case _:
            assert_never(definition)


def from_json(kept: Mapping[str, object]) -> Definition:
    """The definition that to_json kept; ValueError for anything else."""
    match kept:
        case {"kind": "everyone"}:
            return Everyone()
        case {"kind": "tagged", "names": list(names)} if all(isinstance(n, str) for n in names):
            return Tagged(tuple(names))
        case {"kind": "hand_picked", "contact_ids": list(ids)} if all(type(i) is int for i in ids):
            return HandPicked(tuple(ContactId(i) for i in ids))
        case _:
            raise ValueError(f"not the definition of an audience: {str(kept)[:200]}")
