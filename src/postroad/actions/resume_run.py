"""Resume: a paused run, or one the program held, goes on where it was."""

from typing import Protocol

from postroad.core.ids import RunId
from postroad.core.running import ActOutcome


class ResumeRunStore(Protocol):
    def resume_run(self, run_id: RunId, actor: str) -> ActOutcome: ...


def resume_run(store: ResumeRunStore, run_id: RunId, actor: str) -> ActOutcome:
    """Safe to press twice."""
    return store.resume_run(run_id, actor)
