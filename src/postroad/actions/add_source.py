"""A source: added, edited, deleted."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from postroad.core.ids import SourceId
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.connection import SourceFields, source_faults

Seal = Callable[[str], bytes]
"""Encrypts a password for keeping; the key lies outside the database."""


class SourceStore(Protocol):
    def create_source(
        self, fields: SourceFields, seal: Seal, actor: str
    ) -> Saved[SourceId] | Refused: ...

    def edit_source(
        self, source_id: SourceId, fields: SourceFields, seal: Seal, actor: str
    ) -> Saved[SourceId] | Refused | Gone: ...

    def delete_source(
        self, source_id: SourceId, actor: str
    ) -> Saved[SourceId] | Refused | Gone: ...


def add_source(
    store: SourceStore, seal: Seal, fields: SourceFields, actor: str
) -> Saved[SourceId] | Refused:
    """Kept as it is given; whether it answers is `check_source`'s question."""
    tidy = _tidy(fields)
    faults = source_faults(tidy)
    return Refused(faults) if faults else store.create_source(tidy, seal, actor)


def edit_source(
    store: SourceStore, seal: Seal, source_id: SourceId, fields: SourceFields, actor: str
) -> Saved[SourceId] | Refused | Gone:
    """A password None keeps the stored one."""
    tidy = _tidy(fields)
    faults = source_faults(tidy)
    return Refused(faults) if faults else store.edit_source(source_id, tidy, seal, actor)


def delete_source(
    store: SourceStore, source_id: SourceId, actor: str
) -> Saved[SourceId] | Refused | Gone:
    """Refused while an audience stands on it."""
    return store.delete_source(source_id, actor)


def _tidy(fields: SourceFields) -> SourceFields:
    return replace(
        fields,
        name=fields.name.strip(),
        host=fields.host.strip(),
        database=fields.database.strip(),
        deploy_user=fields.deploy_user.strip(),
        run_user=fields.run_user.strip(),
        ca_file=fields.ca_file.strip(),
        schema=fields.schema.strip(),
    )
