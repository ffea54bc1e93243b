"""Contacts by their addresses and back, for those who are picked by hand."""

from collections.abc import Sequence

from postroad.core.ids import ContactId
from postroad.store.models import Contact


def ids_of(address_keys: Sequence[str]) -> dict[str, ContactId]:
    """By normalised address; who is not in the book is left out."""
    found = Contact.objects.filter(address_key__in=address_keys)
    return {key: ContactId(row) for key, row in found.values_list("address_key", "id")}


def addresses_of(contact_ids: Sequence[int]) -> list[str]:
    """Of those who are still in the book, by name."""
    found = Contact.objects.filter(id__in=contact_ids).order_by("sort_key", "id")
    return list(found.values_list("address", flat=True))
