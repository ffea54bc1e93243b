"""Pause: no further mail begins; what is in SMTP still gets its reply."""

from typing import Protocol

from postroad.core.ids import RunId
from postroad.core.running import ActOutcome


class PauseRunStore(Protocol):
    def pause_run(self, run_id: RunId, actor: str) -> ActOutcome: ...


def pause_run(store: PauseRunStore, run_id: RunId, actor: str) -> ActOutcome:
    """Safe to press twice."""
    return store.pause_run(run_id, actor)
