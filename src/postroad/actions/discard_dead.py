"""Dead letters given up for good, and that taken back."""

from collections.abc import Sequence
from typing import Protocol

from postroad.core.dead_letter import Discarded, Group, Letter
from postroad.core.saved import Refused


class DiscardStore(Protocol):
    def discard_letters(self, letters: Sequence[Letter], actor: str) -> Discarded: ...

    def discard_group(self, group: Group, actor: str) -> Discarded: ...

    def undo_discard(self, discarded: Discarded, actor: str) -> int: ...


def discard_dead(
    store: DiscardStore, wanted: Sequence[Letter] | Group, actor: str
) -> Discarded | Refused:
    """At once; what comes back undoes it. Discarded twice is done once."""
    if isinstance(wanted, Group):
        return store.discard_group(wanted, actor)
    if not wanted:
        return Refused({"": "No dead letter is chosen: choose some first."})
    return store.discard_letters(wanted, actor)


def undo_discard(store: DiscardStore, discarded: Discarded, actor: str) -> int:
    """How many are open again; whatever was requeued meanwhile stays so."""
    return store.undo_discard(discarded, actor)
