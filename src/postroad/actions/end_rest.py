"""A slot whose worker was drained is worked in again."""

from dataclasses import dataclass
from typing import Protocol

from postroad.core.saved import Gone


class WorkerStore(Protocol):
    def end_rest(self, host: str, slot: str, actor: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class WorksAgain:
    """Its supervisor has a worker there that waits for this."""


def end_rest(store: WorkerStore, host: str, slot: str, actor: str) -> WorksAgain | Gone:
    """Safe to press twice."""
    has_nul = "\0" in host + slot  # Which no name has, and no text of the database.
    if not has_nul and store.end_rest(host, slot, actor):
        return WorksAgain()
    return Gone("It does not rest any more.")
