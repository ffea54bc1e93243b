"""People in the book: entered, edited, tagged, deleted and put back."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from postroad.core.contact import AddressTaken, DeletedContacts, Known, NewContact, PutCounts
from postroad.core.ids import ContactId
from postroad.core.saved import Gone, Saved
from postroad.store.models import Contact, ContactTag, Tag
from postroad.store.queries import query

from .journal import journal_act

GONE = Gone("This contact is not there any more: go back to the list.")


def put_contacts(
    contacts: Iterable[NewContact], known: Known, tags: Sequence[str], actor: str
) -> PutCounts:
    """Enters people in one transaction, streaming; everybody also gets `tags`.

    An exception of the iterable leaves nothing behind. Entered again, nothing
    is added.
    """
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(query("entered_table"))
        entered = _copy(cursor, contacts, tuple(tags))
        cursor.execute(query(f"put_entered_{known}"))
        added, updated, people = cursor.fetchone()
        cursor.execute(query("name_entered_tags"))
        cursor.execute(query("tag_entered"))
        tagged = cursor.fetchone()[0]
        cursor.execute(query("count_entered_suppressed"))
        suppressed = cursor.fetchone()[0]
        counts = PutCounts(
            added, updated, people - added - updated, entered - people, tagged, suppressed
        )
        text = f"{people:,} people entered: {added:,} new, {updated:,} updated."
        journal_act("contacts_entered", actor, text, detail=asdict(counts))
    return counts


_COPY = """
    COPY entered (position, address, address_key, name, first_name, last_name, company, zone,
                  attributes, sort_key, tags)
    FROM STDIN
"""


def _copy(cursor: Any, contacts: Iterable[NewContact], tags: tuple[str, ...]) -> int:
    position = 0
    with cursor.copy(_COPY) as copy:
        for position, contact in enumerate(contacts, start=1):
            copy.write_row(_row(position, contact, tags))
    cursor.execute("ANALYZE entered")
    return position


def _row(position: int, contact: NewContact, tags: tuple[str, ...]) -> Sequence[object]:
    return (
        position,
        contact.address.address,
        contact.address.key,
        contact.name,
        contact.first_name,
        contact.last_name,
        contact.company,
        contact.zone,
        json.dumps(dict(contact.attributes)) if contact.attributes else "{}",
        contact.sort_key,
        list(dict.fromkeys((*contact.tags, *tags))),
    )


def edit_contact(
    contact_id: ContactId, contact: NewContact, actor: str
) -> Saved[ContactId] | AddressTaken | Gone:
    """Everything about one person as given, tags included."""
    with transaction.atomic(durable=True):
        if not Contact.objects.select_for_update().filter(id=contact_id).exists():
            return GONE
        other = Contact.objects.filter(address_key=contact.address.key).exclude(id=contact_id)
        taken = other.values_list("id", flat=True).first()
        if taken is not None:
            return AddressTaken(ContactId(taken))
        Contact.objects.filter(id=contact_id).update(**_columns(contact), changed_at=Now())
        _set_tags(contact_id, contact.tags)
        text = f"Contact {contact.address.address} edited."
        journal_act("contact_edited", actor, text, detail={"contact_id": contact_id})
    return Saved(contact_id)


def add_contact(contact: NewContact, actor: str) -> Saved[ContactId] | AddressTaken:
    """One new person from the form."""
    with transaction.atomic(durable=True):
        row, is_new = Contact.objects.get_or_create(
            address_key=contact.address.key, defaults=_columns(contact)
        )
        if not is_new:
            return AddressTaken(ContactId(row.id))
        _set_tags(ContactId(row.id), contact.tags)
        text = f"Contact {contact.address.address} added."
        journal_act("contact_added", actor, text, detail={"contact_id": row.id})
    return Saved(ContactId(row.id))


def _columns(contact: NewContact) -> dict[str, object]:
    return {
        "address": contact.address.address,
        "address_key": contact.address.key,
        "name": contact.name,
        "first_name": contact.first_name,
        "last_name": contact.last_name,
        "company": contact.company,
        "zone": contact.zone,
        "attributes": dict(contact.attributes),
        "sort_key": contact.sort_key,
    }


def _set_tags(contact_id: ContactId, names: Sequence[str]) -> None:
    wanted = set(_tag_ids(names))
    ContactTag.objects.filter(contact_id=contact_id).exclude(tag_id__in=wanted).delete()
    ContactTag.objects.bulk_create(
        [ContactTag(contact_id=contact_id, tag_id=tag_id) for tag_id in wanted],
        ignore_conflicts=True,
    )


def _tag_ids(names: Sequence[str]) -> Iterator[int]:
    """Ids of these tags, made where they are missing."""
    Tag.objects.bulk_create([Tag(name=name) for name in sorted(names)], ignore_conflicts=True)
    yield from Tag.objects.filter(name__in=names).values_list("id", flat=True)


def tag_contacts(contact_ids: Sequence[ContactId], tag: str, actor: str) -> list[ContactId]:
    """Those who did not have the tag before and have it now."""
    with transaction.atomic(durable=True):
        (tag_id,) = _tag_ids([tag])
        links = ContactTag.objects.filter(tag_id=tag_id, contact_id__in=contact_ids)
        have = set(links.values_list("contact_id", flat=True))
        people = Contact.objects.filter(id__in=contact_ids).select_for_update(no_key=True)
        missing = [ContactId(person.id) for person in people.only("id") if person.id not in have]
        ContactTag.objects.bulk_create(
            [ContactTag(contact_id=contact_id, tag_id=tag_id) for contact_id in missing],
            ignore_conflicts=True,
        )
        journal_act("contacts_tagged", actor, f"{len(missing):,} contacts tagged “{tag}”.")
    return missing


def untag_contacts(contact_ids: Sequence[ContactId], tag: str, actor: str) -> list[ContactId]:
    """Those who had the tag and have it no longer."""
    with transaction.atomic(durable=True):
        links = ContactTag.objects.filter(tag__name=tag, contact_id__in=contact_ids)
        had = [ContactId(row) for row in links.values_list("contact_id", flat=True)]
        links.delete()
        journal_act("contacts_untagged", actor, f"The tag “{tag}” taken off {len(had):,} contacts.")
    return had


def delete_contacts(contact_ids: Sequence[ContactId], actor: str) -> DeletedContacts:
    """Deletes them; runs that selected them before keep their deliveries."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(query("delete_contacts"), {"ids": list(contact_ids)})
        rows = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor]
        if rows:
            journal_act("contacts_deleted", actor, f"{len(rows):,} contacts deleted.")
    return DeletedContacts(len(rows), json.dumps(rows))


def restore_contacts(snapshot: str, actor: str) -> int:
    """Puts back who was deleted and was not entered anew; how many came back."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(query("restore_contacts"), {"snapshot": snapshot})
        ids = cursor.fetchone()[0] or []
        if ids:
            cursor.execute(query("restore_tags"), {"snapshot": snapshot, "ids": ids})
            text = f"{len(ids):,} deleted contacts put back."
            journal_act("contacts_restored", actor, text)
    return len(ids)
