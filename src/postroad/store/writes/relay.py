"""Relays: their fields, the sealed password, their limits in the engine."""

from collections.abc import Callable

from django.db import connection, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from postroad.core.ids import RelayId
from postroad.core.limit import LimitKind
from postroad.core.relay import RelayFields
from postroad.core.saved import Gone, Refused, Saved
from postroad.store.models import Relay

from .journal import journal_act
from .limit import put_limits

Seal = Callable[[str], bytes]
"""Encrypts a password for keeping."""

GONE = Gone("This relay is not there any more: go back to the list.")
SANDBOX_NAME = "Sandbox"


def create_relay(fields: RelayFields, seal: Seal, actor: str) -> Saved[RelayId] | Refused:
    """A new relay; it becomes the default while only the sandbox is."""
    with transaction.atomic(durable=True):
        if Relay.objects.filter(name=fields.name).exists():
            return _taken(fields.name)
        relay = Relay.objects.create(**_columns(fields), password=_sealed(fields, seal))
        put_limits(LimitKind.RELAY, str(relay.id), fields.limits)
        if not Relay.objects.filter(is_default=True, is_sandbox=False).exists():
            _make_default(relay.id)
        _journal("relay_created", actor, f"Relay {fields.name!r} created.", relay.id)
    return Saved(RelayId(relay.id))


def edit_relay(
    relay_id: RelayId, fields: RelayFields, seal: Seal, actor: str
) -> Saved[RelayId] | Refused | Gone:
    """All fields as given. A relay that was stopped by a refusal is tried again."""
    with transaction.atomic(durable=True):
        relay = Relay.objects.select_for_update().filter(id=relay_id).first()
        if relay is None:
            return GONE
        if relay.is_sandbox:
            return Refused({"": "The sandbox needs no settings: add a relay of your own instead."})
        if Relay.objects.filter(name=fields.name).exclude(id=relay_id).exists():
            return _taken(fields.name)
        columns = _columns(fields)
        if fields.password is not None:
            columns["password"] = _sealed(fields, seal)
        Relay.objects.filter(id=relay_id).update(**columns, changed_at=Now())
        put_limits(LimitKind.RELAY, str(relay_id), fields.limits)
        _try_again(relay_id, actor)
        _journal("relay_edited", actor, f"Relay {fields.name!r} edited.", relay_id)
    return Saved(relay_id)


def delete_relay(relay_id: RelayId, actor: str) -> Saved[RelayId] | Refused | Gone:
    """Refused while a campaign is set to it."""
    try:
        with transaction.atomic(durable=True):
            relay = Relay.objects.select_for_update().filter(id=relay_id).first()
            if relay is None:
                return GONE
            if relay.is_sandbox:
                return Refused({"": "The sandbox stays: choose another relay as default instead."})
            was_default = relay.is_default
            relay.delete()
            if was_default:
                _make_default(Relay.objects.values_list("id", flat=True).get(is_sandbox=True))
            _journal("relay_deleted", actor, f"Relay {relay.name!r} deleted.", relay_id)
    except ProtectedError:
        return Refused({"": "A campaign sends through this relay: choose another one there first."})
    return Saved(relay_id)


def make_default(relay_id: RelayId, actor: str) -> Saved[RelayId] | Gone:
    """What new campaigns are set to."""
    with transaction.atomic(durable=True):
        relay = Relay.objects.select_for_update().filter(id=relay_id).first()
        if relay is None:
            return GONE
        _make_default(relay_id)
        _journal("relay_made_default", actor, f"Relay {relay.name!r} is the default now.", relay_id)
    return Saved(relay_id)


def put_sandbox(port: int, host: str = "127.0.0.1") -> RelayId:
    """The sandbox inbox as it listens now; the default until a real relay is set."""
    with transaction.atomic(durable=True):
        relay, is_new = Relay.objects.update_or_create(
            is_sandbox=True,
            defaults={"host": host, "port": port, "tls": "none", "changed_at": Now()},
            create_defaults={
                "name": SANDBOX_NAME,
                "host": host,
                "port": port,
                "tls": "none",
                "is_default": not Relay.objects.filter(is_default=True).exists(),
            },
        )
        if is_new:
            _journal("relay_created", "program", "The sandbox inbox is a relay now.", relay.id)
    return RelayId(relay.id)


def _columns(fields: RelayFields) -> dict[str, object]:
    return {
        "name": fields.name,
        "host": fields.host,
        "port": fields.port,
        "tls": fields.tls,
        "user": fields.user,
        "ca_file": fields.ca_file,
        "per_minute": fields.per_minute,
        "per_day": fields.per_day,
        "connections": fields.connections,
        "chunking": fields.chunking,
        "at_once": fields.at_once,
        "ramp_first": fields.ramp_first,
        "ramp_percent": fields.ramp_percent,
        "lookup": fields.lookup,
    }


def _sealed(fields: RelayFields, seal: Seal) -> bytes | None:
    return seal(fields.password) if fields.password else None


def _taken(name: str) -> Refused:
    return Refused({"name": f"There is a relay called {name!r}: choose another name."})


def _make_default(relay_id: int) -> None:
    Relay.objects.filter(is_default=True).exclude(id=relay_id).update(is_default=False)
    Relay.objects.filter(id=relay_id).update(is_default=True)


def _try_again(relay_id: int, actor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT start_relay(%s, %s)", [relay_id, actor])


def _journal(kind: str, actor: str, text: str, relay_id: int) -> None:
    journal_act(kind, actor, text, detail={"relay_id": relay_id})
