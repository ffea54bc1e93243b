"""People out of the book, and back again."""

from collections.abc import Sequence
from typing import Protocol

from postroad.core.contact import DeletedContacts
from postroad.core.ids import ContactId
from postroad.core.saved import Refused

MAX_AT_ONCE = 10_000
"""People of one act that can still be undone."""


class DeleteStore(Protocol):
    def delete_contacts(self, contact_ids: Sequence[ContactId], actor: str) -> DeletedContacts: ...

    def restore_contacts(self, snapshot: str, actor: str) -> int: ...


def delete_contacts(
    store: DeleteStore, contact_ids: Sequence[ContactId], actor: str
) -> DeletedContacts | Refused:
    """Deletes them at once; the snapshot puts them back. Deleted twice is done once."""
    if not contact_ids:
        return Refused({"": "Nobody is chosen: choose contacts first."})
    if len(contact_ids) > MAX_AT_ONCE:
        text = f"At most {MAX_AT_ONCE:,} contacts can be deleted at once: choose fewer."
        return Refused({"": text})
    return store.delete_contacts(contact_ids, actor)


def restore_contacts(store: DeleteStore, deleted: DeletedContacts, actor: str) -> int:
    """How many came back; whoever was entered anew meanwhile stays as entered."""
    return store.restore_contacts(deleted.snapshot, actor)
