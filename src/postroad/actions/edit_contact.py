"""One person, added or edited by hand."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from postroad.core.address import BadAddress, parse_address
from postroad.core.contact import (
    AddressTaken,
    NewContact,
    attribute_fault,
    clean_tags,
    complete_names,
    slug_of,
    tags_fault,
    text_fault,
)
from postroad.core.ids import ContactId
from postroad.core.saved import Gone, Refused, Saved


@dataclass(frozen=True, slots=True)
class ContactForm:
    """Texts as typed. `attributes` by the name of the variable."""

    address: str
    name: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    zone: str = ""
    tags: Sequence[str] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


class EditStore(Protocol):
    def add_contact(self, contact: NewContact, actor: str) -> Saved[ContactId] | AddressTaken: ...

    def edit_contact(
        self, contact_id: ContactId, contact: NewContact, actor: str
    ) -> Saved[ContactId] | AddressTaken | Gone: ...


def add_contact(
    store: EditStore, form: ContactForm, known_zones: Container[str], actor: str
) -> Saved[ContactId] | Refused:
    """A new person; first and last name are guessed from the name where both are empty."""
    contact = _contact(form, known_zones, is_new=True)
    if isinstance(contact, Refused):
        return contact
    outcome = store.add_contact(contact, actor)
    return _taken() if isinstance(outcome, AddressTaken) else outcome


def edit_contact(
    store: EditStore,
    contact_id: ContactId,
    form: ContactForm,
    known_zones: Container[str],
    actor: str,
) -> Saved[ContactId] | Refused | Gone:
    """Everything as typed; nothing is guessed, so that a name taken out stays out."""
    contact = _contact(form, known_zones, is_new=False)
    if isinstance(contact, Refused):
        return contact
    outcome = store.edit_contact(contact_id, contact, actor)
    return _taken() if isinstance(outcome, AddressTaken) else outcome


def _taken() -> Refused:
    text = "Another contact has this address: edit that one, or write a different address."
    return Refused({"address": text})


def _contact(
    form: ContactForm, known_zones: Container[str], *, is_new: bool
) -> NewContact | Refused:
    address = parse_address(form.address)
    tags = clean_tags(form.tags)
    attributes = {name: text.strip() for name, text in form.attributes.items() if text.strip()}
    faults = {
        **_text_faults(form),
        **_zone_faults(form.zone.strip(), known_zones),
        **_attribute_faults(attributes),
    }
    if fault := tags_fault(tags):
        faults["tags"] = fault
    if isinstance(address, BadAddress):
        return Refused({"address": f"The address {address.text}", **faults})
    if faults:
        return Refused(faults)
    name, first, last = form.name.strip(), form.first_name.strip(), form.last_name.strip()
    if is_new:
        names = complete_names(name, first, last)
        name, first, last = names.name, names.first_name, names.last_name
    return NewContact(
        address, name, first, last, form.company.strip(), form.zone.strip(), attributes, tags
    )


def _text_faults(form: ContactForm) -> dict[str, str]:
    faults: dict[str, str] = {}
    for field_name in ("name", "first_name", "last_name", "company"):
        fault = text_fault(getattr(form, field_name).strip())
        if fault:
            faults[field_name] = f"This {fault}"
    return faults


def _zone_faults(zone: str, known_zones: Container[str]) -> dict[str, str]:
    if zone and zone not in known_zones:
        text = "This time zone is not known: write it like Europe/Vienna, or leave it empty."
        return {"zone": text}
    return {}


def _attribute_faults(attributes: Mapping[str, str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    for name, text in attributes.items():
        if slug_of(name, 1) != name:
            reason = "This is no name of a variable: use small letters, digits and _."
            faults[f"attributes.{name}"] = reason
        elif fault := attribute_fault(text):
            faults[f"attributes.{name}"] = f"This {fault}"
    return faults
