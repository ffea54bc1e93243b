"""A relay that was stopped, used again because a person says so."""

from dataclasses import dataclass
from typing import Protocol

from postroad.core.ids import RelayId


class RelayHealthStore(Protocol):
    def start_relay(self, relay_id: RelayId, actor: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class InUse:
    """Its waiting mails are due at once. `was_already`: nothing was stopped."""

    was_already: bool


def use_relay(store: RelayHealthStore, relay_id: RelayId, actor: str) -> InUse:
    """Safe to press twice; a relay that is still refused stops itself again."""
    return InUse(was_already=not store.start_relay(relay_id, actor))
