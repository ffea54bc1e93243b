"""A worker that was asked to go, and has not heard it yet, stays."""

from dataclasses import dataclass
from typing import Literal, Protocol, assert_never
from uuid import UUID

from postroad.core.saved import Gone


class WorkerStore(Protocol):
    def undo_drain(self, worker_id: UUID, actor: str) -> Literal["kept", "heard", "gone"]: ...


@dataclass(frozen=True, slots=True)
class Stays:
    """It goes on working."""


def undo_drain(store: WorkerStore, worker_id: UUID, actor: str) -> Stays | Gone:
    """It goes on working. Safe to press twice."""
    match store.undo_drain(worker_id, actor):
        case "kept":
            return Stays()
        case "heard":
            return Gone(
                "It has heard it already and ends; let its slot work again, or start another."
            )
        case "gone":
            return Gone("This worker does not live any more: what it had goes to the others.")
        case other:
            assert_never(other)
