"""What looking at a source again came to."""

from dataclasses import dataclass

from postroad.core.ids import SourceId

from .drift import Broke


@dataclass(frozen=True, slots=True)
class Refreshed:
    """`broke`: what was there and is not as it was. `of_mapping`: those the mapping stands on."""

    source_id: SourceId
    tables: int
    broke: tuple[Broke, ...]
    of_mapping: tuple[Broke, ...]
