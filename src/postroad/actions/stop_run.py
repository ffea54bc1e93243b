"""Stop and purge: a run ends for good; what waits is purged, what is in SMTP gets its reply."""

from typing import Protocol

from postroad.core.ids import RunId
from postroad.core.running import StopOutcome

STOPPED_BY_HAND = "Stopped and purged by the manager."
PREPARED_AGAIN = "abandoned: it is prepared again."


class StopRunStore(Protocol):
    def stop_run(
        self, run_id: RunId, reason: str, actor: str, *, is_unlaunched: bool = False
    ) -> StopOutcome: ...


def stop_run(
    store: StopRunStore, run_id: RunId, actor: str, reason: str = STOPPED_BY_HAND
) -> StopOutcome:
    """Safe to press twice. Acts within 2 seconds."""
    return store.stop_run(run_id, reason, actor)


def abandon_run(store: StopRunStore, run_id: RunId, actor: str) -> StopOutcome:
    """Thrown away to be prepared again; never a run that was launched."""
    return store.stop_run(run_id, PREPARED_AGAIN, actor, is_unlaunched=True)
