"""Sources: their fields, the sealed passwords, what was seen there, the mapping."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from postroad.core.criteria.schema import Mapping, Schema
from postroad.core.ids import SourceId
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.connection import SourceFields
from postroad.core.source.drift import Broke, compare, mapping_broke
from postroad.core.source.looking import Refreshed
from postroad.core.source.snapshot import (
    mapping_from_json,
    mapping_to_json,
    schema_from_json,
    schema_to_json,
)
from postroad.store.models import Source

from .journal import journal_act

Seal = Callable[[str], bytes]
"""Encrypts a password for keeping."""

GONE = Gone("This source is not there any more: go back to the list.")


def create_source(fields: SourceFields, seal: Seal, actor: str) -> Saved[SourceId] | Refused:
    with transaction.atomic(durable=True):
        if Source.objects.filter(name=fields.name).exists():
            return _taken(fields.name)
        source = Source.objects.create(**_columns(fields, seal))
        _journal("source_created", actor, f"Source {fields.name!r} created.", source.id)
    return Saved(SourceId(source.id))


def edit_source(
    source_id: SourceId, fields: SourceFields, seal: Seal, actor: str
) -> Saved[SourceId] | Refused | Gone:
    """All fields as given; what was seen and mapped stays until it is looked at again."""
    with transaction.atomic(durable=True):
        if not Source.objects.select_for_update().filter(id=source_id).exists():
            return GONE
        if Source.objects.filter(name=fields.name).exclude(id=source_id).exists():
            return _taken(fields.name)
        Source.objects.filter(id=source_id).update(**_columns(fields, seal), changed_at=Now())
        _journal("source_edited", actor, f"Source {fields.name!r} edited.", source_id)
    return Saved(source_id)


def delete_source(source_id: SourceId, actor: str) -> Saved[SourceId] | Refused | Gone:
    """Refused while an audience stands on it. Nothing is changed in the customer's database."""
    try:
        with transaction.atomic(durable=True):
            source = Source.objects.select_for_update().filter(id=source_id).first()
            if source is None:
                return GONE
            source.delete()
            _journal("source_deleted", actor, f"Source {source.name!r} deleted.", source_id)
    except ProtectedError:
        return Refused({"": "Audiences stand on this source: delete those first."})
    return Saved(source_id)


def keep_schema(source_id: SourceId, schema: Schema, actor: str) -> Refreshed | Gone:
    """What is there now, in place of what was seen before."""
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().filter(id=source_id).first()
        if source is None:
            return GONE
        before = schema_from_json(source.seen) if source.seen else Schema(())
        broke = compare(before, schema)
        mapping = mapping_from_json(source.mapping) if source.mapping else None
        Source.objects.filter(id=source_id).update(seen=schema_to_json(schema), seen_at=Now())
        _journal_look(source, broke, actor)
    of_mapping = mapping_broke(mapping, broke) if mapping else ()
    return Refreshed(source_id, len(schema.tables), broke, of_mapping)


def keep_mapping(source_id: SourceId, mapping: Mapping, actor: str) -> Saved[SourceId] | Gone:
    with transaction.atomic(durable=True):
        source = Source.objects.select_for_update().filter(id=source_id).first()
        if source is None:
            return GONE
        kept = mapping_to_json(mapping)
        Source.objects.filter(id=source_id).update(mapping=kept, changed_at=Now())
        text = f"People of source {source.name!r} are in {mapping.table}."
        _journal("source_mapped", actor, text, source_id)
    return Saved(source_id)


def _columns(fields: SourceFields, seal: Seal) -> dict[str, object]:
    """A password that is to be kept is not among them."""
    columns: dict[str, object] = {
        "name": fields.name,
        "dialect": fields.dialect.value,
        "host": fields.host,
        "port": fields.port,
        "database": fields.database,
        "tls": fields.tls.value,
        "ca_file": fields.ca_file,
        "deploy_user": fields.deploy_user,
        "run_user": fields.run_user,
        "schema": fields.schema,
        "timeout_seconds": fields.timeout_seconds,
    }
    for name in ("deploy_password", "run_password"):
        password = getattr(fields, name)
        if password is not None:
            columns[name] = seal(password) if password else None
    return columns


def _taken(name: str) -> Refused:
    return Refused({"name": f"There is a source called {name!r}: choose another name."})


def _journal_look(source: Source, broke: tuple[Broke, ...], actor: str) -> None:
    """A look that found nothing broken changed nothing, and is no entry."""
    if broke:
        text = f"Source {source.name!r} changed: {len(broke):,} broke, first: {broke[0].text}"
        _journal("source_broke", actor, text, source.id)


def _journal(kind: str, actor: str, text: str, source_id: int) -> None:
    journal_act(kind, actor, text, detail={"source_id": source_id})
