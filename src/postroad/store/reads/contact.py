"""The contacts: pages of the list, one person, tags."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, QuerySet

from postroad.core.address import hash_of, shown
from postroad.core.contact import folded
from postroad.core.ids import ContactId
from postroad.core.suppression import Reason
from postroad.store.models import Contact, ContactTag, Suppression, Tag
from postroad.store.models.contact import WORDS

from .keyset import COUNTED, Page, Place, decode, estimate_rows, page_of

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class ContactRow:
    """`shown_address` has an internationalised domain in its own script.

    `suppressed` is why the person is not written to, None = may be mailed.
    """

    id: ContactId
    address: str
    shown_address: str
    name: str
    first_name: str
    last_name: str
    company: str
    zone: str
    tags: tuple[str, ...]
    suppressed: Reason | None
    sort_key: str


@dataclass(frozen=True, slots=True)
class ContactDetail:
    row: ContactRow
    attributes: Mapping[str, str]
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TagRow:
    name: str
    people: int


ContactPage = Page[ContactRow]


def page(
    cursor: str | None = None, search: str = "", tag: str = "", size: int = PAGE_SIZE
) -> ContactPage:
    """Contacts by family name.

    `search`: words that begin words of name, company or address; with an @ the
    beginning of an address.
    """
    place = decode(cursor, (str, int))
    people = _place(_matching(search, tag), place)
    rows = _rows(list(people[: size + 1]))
    return page_of(rows, size, place, lambda row: (row.sort_key, row.id), _estimate(search, tag))


def _matching(search: str, tag: str) -> QuerySet[Contact]:
    people = Contact.objects.all()
    if tag:
        people = people.filter(contacttag__tag__name=tag)
    term = search.strip().replace("\0", "")
    if "@" in term:
        return people.filter(address_key__startswith=term.lower())
    words = _words(term)
    if words:
        wanted = SearchQuery(words, config="simple", search_type="raw")
        people = people.alias(words=WORDS).filter(words=wanted)
    return people


def _words(term: str) -> str:
    """A tsquery: every word of the term begins a word of the contact, with accents or without."""
    parts = (
        {folded(word), word.lower()}
        for word in re.findall(r"\w+", unicodedata.normalize("NFC", term))
    )
    return " & ".join(
        "(" + " | ".join(f"'{form}':*" for form in sorted(forms) if form) + ")" for forms in parts
    )


def _place(people: QuerySet[Contact], place: Place | None) -> QuerySet[Contact]:
    """`>= key` lets the index begin there; the exclusion takes the rest of that key away."""
    if place is None:
        return people.order_by("sort_key", "id")
    sort_key, row_id = place.key
    if place.is_back:
        before = people.filter(sort_key__lte=sort_key).exclude(sort_key=sort_key, id__gte=row_id)
        return before.order_by("-sort_key", "-id")
    behind = people.filter(sort_key__gte=sort_key).exclude(sort_key=sort_key, id__lte=row_id)
    return behind.order_by("sort_key", "id")


def _rows(people: Sequence[Contact]) -> list[ContactRow]:
    tags = _tags_of([person.id for person in people])
    suppressed = _suppressed({hash_of(person.address_key) for person in people})
    return [
        ContactRow(
            id=ContactId(person.id),
            address=person.address,
            shown_address=shown(person.address),
            name=person.name,
            first_name=person.first_name,
            last_name=person.last_name,
            company=person.company,
            zone=person.zone,
            tags=tuple(tags.get(person.id, ())),
            suppressed=suppressed.get(hash_of(person.address_key)),
            sort_key=person.sort_key,
        )
        for person in people
    ]


def _tags_of(contact_ids: Sequence[int]) -> dict[int, list[str]]:
    links = ContactTag.objects.filter(contact_id__in=contact_ids).order_by("tag__name")
    tags: dict[int, list[str]] = {}
    for contact_id, name in links.values_list("contact_id", "tag__name"):
        tags.setdefault(contact_id, []).append(name)
    return tags


def _suppressed(hashes: set[bytes]) -> dict[bytes, Reason]:
    found = Suppression.objects.filter(hash__in=hashes).values_list("hash", "reason")
    return {bytes(key): Reason(reason) for key, reason in found}


def _estimate(search: str, tag: str) -> int:
    """Of the whole list, or counted up to 10,000 for a part of it."""
    if search or tag:
        return _matching(search, tag)[:COUNTED].count()
    return estimate_rows(Contact.objects.all())


def detail(contact_id: ContactId) -> ContactDetail | None:
    """One person with everything the book has."""
    person = Contact.objects.filter(id=contact_id).first()
    if person is None:
        return None
    (row,) = _rows([person])
    return ContactDetail(row, person.attributes, person.created_at, person.changed_at)


def tags() -> list[TagRow]:
    """All tags by name, with how many people have each."""
    counted = Tag.objects.annotate(people=Count("contacttag")).order_by("name")
    return [TagRow(tag.name, tag.people) for tag in counted]


def attribute_names() -> list[str]:
    """Variables beyond the contact's own fields, from the newest thousand contacts."""
    newest = Contact.objects.order_by("-id").values_list("attributes", flat=True)[:1000]
    return sorted({name for attributes in newest for name in attributes})
