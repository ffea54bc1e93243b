"""A contact to preview a mail with, the ones beside it, and those with whom letters break."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import QuerySet
from django.db.models.functions import Length

from postroad.core.address import shown
from postroad.core.ids import ContactId
from postroad.store.models import Contact


class Edge(StrEnum):
    """People with whom letters break first."""

    LONGEST = "longest"
    NO_FIRST_NAME = "no_first_name"
    NON_LATIN = "non_latin"


@dataclass(frozen=True, slots=True)
class PreviewPerson:
    """`data`: the variables as an audience of contacts gives them. None beside it: an end."""

    id: ContactId
    address: str
    shown_address: str
    name: str
    data: Mapping[str, str]
    before: ContactId | None
    after: ContactId | None


def person(contact_id: ContactId | None = None) -> PreviewPerson | None:
    """The contact of that id, or the first of the list; None when there is none."""
    people = Contact.objects.order_by("sort_key", "id")
    found = people.first() if contact_id is None else people.filter(id=contact_id).first()
    if found is None:
        return None
    key, row_id = found.sort_key, found.id
    # As in the list of contacts: the first condition lets the index begin there.
    before = people.filter(sort_key__lte=key).exclude(sort_key=key, id__gte=row_id)
    after = people.filter(sort_key__gte=key).exclude(sort_key=key, id__lte=row_id)
    return PreviewPerson(
        id=ContactId(row_id),
        address=found.address,
        shown_address=shown(found.address),
        name=found.name,
        data=variables(found),
        before=_id(before.order_by("-sort_key", "-id")),
        after=_id(after),
    )


def variables(contact: Contact) -> dict[str, str]:
    """As `sources.contacts` compiles them: the contact's own fields win over attributes."""
    own = {
        "address": contact.address,
        "name": contact.name,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
    }
    return {**contact.attributes, **{name: text for name, text in own.items() if text}}


def edge(which: Edge) -> ContactId | None:
    """The first such person, None when nobody is like that. Reads the whole table at worst."""
    people = Contact.objects.order_by("sort_key", "id")
    match which:
        case Edge.LONGEST:
            return _id(people.order_by(Length("name").desc(), "id").exclude(name=""))
        case Edge.NO_FIRST_NAME:
            return _id(people.filter(first_name=""))
        case Edge.NON_LATIN:
            return _id(people.filter(name__regex=r"[^\u0001-\u024f]"))


def _id(people: QuerySet[Contact]) -> ContactId | None:
    found = people.values_list("id", flat=True).first()
    return None if found is None else ContactId(found)
