"""A source looked at again: what it has is kept, and what broke is named."""

from typing import Protocol

from postroad.core.criteria.schema import Schema
from postroad.core.ids import SourceId
from postroad.core.saved import Gone
from postroad.core.source.connection import SourceTarget
from postroad.core.source.diagnosis import Diagnosis
from postroad.core.source.looking import Refreshed

from .check_source import GONE


class Looking(Protocol):
    def read_schema(self, target: SourceTarget) -> Schema | Diagnosis: ...


class SchemaStore(Protocol):
    def keep_schema(self, source_id: SourceId, schema: Schema, actor: str) -> Refreshed | Gone: ...


def refresh_source(
    store: SchemaStore,
    asking: Looking,
    source_id: SourceId,
    target: SourceTarget | None,
    actor: str,
) -> Refreshed | Diagnosis | Gone:
    """What was seen before stays when the source does not answer."""
    if target is None:
        return GONE
    schema = asking.read_schema(target)
    if isinstance(schema, Diagnosis):
        return schema
    return store.keep_schema(source_id, schema, actor)
