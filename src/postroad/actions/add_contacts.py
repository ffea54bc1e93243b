"""People from the paste box into the book."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.contact import Known, NewContact, PutCounts, clean_tags, tags_fault
from postroad.core.pasted import BadPiece, parse_pasted
from postroad.core.saved import Refused


class ContactStore(Protocol):
    def put_contacts(
        self, contacts: Iterable[NewContact], known: Known, tags: Sequence[str], actor: str
    ) -> PutCounts: ...


@dataclass(frozen=True, slots=True)
class Added:
    """The good pieces are in. `rest` is what stays in the box, with `bad` saying why."""

    counts: PutCounts
    bad: tuple[BadPiece, ...]
    rest: str


def add_contacts(
    store: ContactStore, text: str, tags: Sequence[str], actor: str
) -> Added | Refused:
    """Enters every good piece; of people in the book only what is empty there is filled."""
    wanted = clean_tags(tags)
    fault = tags_fault(wanted)
    if fault:
        return Refused({"tags": fault})
    pasted = parse_pasted(text)
    if not pasted.good and not pasted.bad:
        return Refused({"text": "Nothing is in the box: paste or write addresses, a line each."})
    counts = PutCounts()
    if pasted.good:
        counts = store.put_contacts(pasted.good, Known.FILL, wanted, actor)
    return Added(counts, pasted.bad, pasted.rest)
