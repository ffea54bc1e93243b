"""Relays: the list, one for the form, and what a session needs to sign in."""

from collections.abc import Callable
from dataclasses import dataclass

from postroad.core.ids import RelayId
from postroad.core.limit import Limits
from postroad.core.mail import RelayTarget
from postroad.store.models import Relay
from postroad.store.rows import rows

Unseal = Callable[[bytes], str]
"""Decrypts a kept password."""


@dataclass(frozen=True, slots=True)
class RelayRow:
    """Without the password; `has_password` says that one is kept."""

    id: RelayId
    name: str
    is_sandbox: bool
    is_default: bool
    host: str
    port: int
    tls: str
    user: str
    has_password: bool
    ca_file: str
    per_minute: int | None
    per_day: int | None
    connections: int
    chunking: bool
    at_once: int | None
    ramp_first: int | None
    ramp_percent: int | None
    lookup: str

    @property
    def limits(self) -> Limits:
        return Limits(
            self.per_minute, self.at_once, self.per_day, self.ramp_first, self.ramp_percent
        )


def relays() -> list[RelayRow]:
    """The default first, then by name."""
    return [_row(relay) for relay in Relay.objects.order_by("-is_default", "name")]


def relay(relay_id: RelayId) -> RelayRow | None:
    found = Relay.objects.filter(id=relay_id).first()
    return None if found is None else _row(found)


def default() -> RelayRow | None:
    """What a new campaign is set to; None before the product was ever started."""
    found = Relay.objects.filter(is_default=True).first()
    return None if found is None else _row(found)


def target(relay_id: RelayId, unseal: Unseal) -> RelayTarget | None:
    """The relay with its password in clear: for a session, never for a page."""
    found = Relay.objects.filter(id=relay_id).first()
    if found is None:
        return None
    return RelayTarget(
        relay_id=RelayId(found.id),
        host=found.host,
        port=found.port,
        tls=found.tls,
        user=found.user,
        password=unseal(bytes(found.password)) if found.password else "",
        ca_file=found.ca_file,
        connections=found.connections,
        chunking=found.chunking,
    )


def _row(found: Relay) -> RelayRow:
    return RelayRow(
        id=RelayId(found.id),
        name=found.name,
        is_sandbox=found.is_sandbox,
        is_default=found.is_default,
        host=found.host,
        port=found.port,
        tls=found.tls,
        user=found.user,
        has_password=bool(found.password),
        ca_file=found.ca_file,
        per_minute=found.per_minute,
        per_day=found.per_day,
        connections=found.connections,
        chunking=found.chunking,
        at_once=found.at_once,
        ramp_first=found.ramp_first,
        ramp_percent=found.ramp_percent,
        lookup=found.lookup,
    )


def fault_for_person(relay_id: RelayId) -> str:
    """Why a relay is out of use until somebody mends it; '' while it is not, or heals by itself."""
    found = rows("relay_fault", {"relay": relay_id})
    return str(found[0]["reason"]) if found else ""
