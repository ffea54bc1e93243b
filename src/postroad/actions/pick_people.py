"""People picked by hand for an audience, named by their addresses."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from postroad.core.audience import MAX_PICKED, HandPicked
from postroad.core.ids import ContactId
from postroad.core.pasted import parse_pasted
from postroad.core.saved import Refused

_NAMED = 5


class PickStore(Protocol):
    def ids_of(self, address_keys: Sequence[str]) -> Mapping[str, ContactId]: ...


def pick_people(store: PickStore, text: str) -> HandPicked | Refused:
    """The contacts with these addresses, each once, in the order given."""
    pasted = parse_pasted(text)
    if pasted.bad:
        bad = pasted.bad[0]
        return Refused({"people": f"Line {bad.line}: {bad.text[:80]} {bad.reason}"})
    wanted = dict.fromkeys(person.address.key for person in pasted.good)
    if len(wanted) > MAX_PICKED:
        text = f"More than {MAX_PICKED:,} people are picked: tag them and choose the tag."
        return Refused({"people": text})
    known = store.ids_of(list(wanted))
    missing = [key for key in wanted if key not in known]
    if missing:
        names = ", ".join(missing[:_NAMED]) + (" …" if len(missing) > _NAMED else "")
        return Refused({"people": f"Not in the contacts: {names}. Add them there first."})
    return HandPicked(tuple(known[key] for key in wanted))
