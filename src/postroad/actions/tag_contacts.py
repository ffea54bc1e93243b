"""Tags put on people and taken off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.contact import clean_tags, tags_fault
from postroad.core.ids import ContactId
from postroad.core.saved import Refused


class TagStore(Protocol):
    def tag_contacts(
        self, contact_ids: Sequence[ContactId], tag: str, actor: str
    ) -> list[ContactId]: ...

    def untag_contacts(
        self, contact_ids: Sequence[ContactId], tag: str, actor: str
    ) -> list[ContactId]: ...


@dataclass(frozen=True, slots=True)
class Tagged:
    """`changed` are those whom the act changed; undoing it means the opposite for them."""

    tag: str
    changed: tuple[ContactId, ...]


def tag_contacts(
    store: TagStore, contact_ids: Sequence[ContactId], tag: str, actor: str
) -> Tagged | Refused:
    name = _name(contact_ids, tag)
    if isinstance(name, Refused):
        return name
    return Tagged(name, tuple(store.tag_contacts(contact_ids, name, actor)))


def untag_contacts(
    store: TagStore, contact_ids: Sequence[ContactId], tag: str, actor: str
) -> Tagged | Refused:
    name = _name(contact_ids, tag)
    if isinstance(name, Refused):
        return name
    return Tagged(name, tuple(store.untag_contacts(contact_ids, name, actor)))


def _name(contact_ids: Sequence[ContactId], tag: str) -> str | Refused:
    if not contact_ids:
        return Refused({"": "Nobody is chosen: choose contacts first."})
    cleaned = clean_tags([tag])
    if not cleaned:
        return Refused({"tag": "The tag has no name: write one."})
    fault = tags_fault(cleaned)
    return Refused({"tag": fault}) if fault else cleaned[0]
