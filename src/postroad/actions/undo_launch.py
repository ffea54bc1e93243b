"""Undo: a launch that is not released yet is taken back. Nothing of it was sent."""

from typing import Protocol

from postroad.core.ids import RunId
from postroad.core.running import ActOutcome


class UndoLaunchStore(Protocol):
    def undo_launch(self, run_id: RunId, actor: str) -> ActOutcome: ...


def undo_launch(store: UndoLaunchStore, run_id: RunId, actor: str) -> ActOutcome:
    """Safe to press twice."""
    return store.undo_launch(run_id, actor)
