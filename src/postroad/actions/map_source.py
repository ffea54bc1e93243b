"""Where in a source the people are, and which columns say what of them."""

from typing import Protocol

from postroad.core.criteria.schema import Mapping, Schema
from postroad.core.ids import SourceId
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.mapping import mapping_faults


class MappingStore(Protocol):
    def keep_mapping(
        self, source_id: SourceId, mapping: Mapping, actor: str
    ) -> Saved[SourceId] | Gone: ...


def map_source(
    store: MappingStore, source_id: SourceId, seen: Schema | None, mapping: Mapping, actor: str
) -> Saved[SourceId] | Refused | Gone:
    """`seen` is what the source had when it was last looked at."""
    if seen is None:
        return Refused({"table": "Nobody has looked at this source yet: refresh it first."})
    faults = mapping_faults(seen, mapping)
    return Refused(faults) if faults else store.keep_mapping(source_id, mapping, actor)
