"""A relay: made, edited, chosen as default, deleted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from postroad.core.ids import RelayId
from postroad.core.relay import RelayFields, relay_faults
from postroad.core.saved import Gone, Refused, Saved

Seal = Callable[[str], bytes]
"""Encrypts a password for keeping; the key lies outside the database."""


class RelayStore(Protocol):
    def create_relay(
        self, fields: RelayFields, seal: Seal, actor: str
    ) -> Saved[RelayId] | Refused: ...

    def edit_relay(
        self, relay_id: RelayId, fields: RelayFields, seal: Seal, actor: str
    ) -> Saved[RelayId] | Refused | Gone: ...

    def delete_relay(self, relay_id: RelayId, actor: str) -> Saved[RelayId] | Refused | Gone: ...

    def make_default(self, relay_id: RelayId, actor: str) -> Saved[RelayId] | Gone: ...


def create_relay(
    store: RelayStore, seal: Seal, fields: RelayFields, actor: str
) -> Saved[RelayId] | Refused:
    tidy = _tidy(fields)
    faults = relay_faults(tidy)
    return Refused(faults) if faults else store.create_relay(tidy, seal, actor)


def edit_relay(
    store: RelayStore, seal: Seal, relay_id: RelayId, fields: RelayFields, actor: str
) -> Saved[RelayId] | Refused | Gone:
    """`password` None keeps the stored one."""
    tidy = _tidy(fields)
    faults = relay_faults(tidy)
    return Refused(faults) if faults else store.edit_relay(relay_id, tidy, seal, actor)


def delete_relay(
    store: RelayStore, relay_id: RelayId, actor: str
) -> Saved[RelayId] | Refused | Gone:
    """Refused while a campaign is set to it."""
    return store.delete_relay(relay_id, actor)


def make_default_relay(store: RelayStore, relay_id: RelayId, actor: str) -> Saved[RelayId] | Gone:
    """What new campaigns are set to."""
    return store.make_default(relay_id, actor)


def _tidy(fields: RelayFields) -> RelayFields:
    return replace(
        fields,
        name=fields.name.strip(),
        host=fields.host.strip(),
        user=fields.user.strip(),
        ca_file=fields.ca_file.strip(),
        lookup=fields.lookup.strip(),
    )
