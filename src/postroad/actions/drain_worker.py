"""A worker is asked to finish and go."""

from dataclasses import dataclass
from typing import Literal, Protocol, assert_never
from uuid import UUID

from postroad.core.saved import Gone


class WorkerStore(Protocol):
    def drain_worker(
        self, worker_id: UUID, actor: str
    ) -> Literal["draining", "already", "gone"]: ...


@dataclass(frozen=True, slots=True)
class Draining:
    """It hears it with its next heartbeat. `was_already`: it had been asked before."""

    was_already: bool


def drain_worker(store: WorkerStore, worker_id: UUID, actor: str) -> Draining | Gone:
    """It finishes what is begun, hands the rest back and exits."""
    match store.drain_worker(worker_id, actor):
        case "draining":
            return Draining(was_already=False)
        case "already":
            return Draining(was_already=True)
        case "gone":
            return Gone("This worker does not live any more: what it had goes to the others.")
        case other:
            assert_never(other)
