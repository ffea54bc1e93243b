"""Purge a queue: what waits at a stage, over all live runs, ends; the runs go on without it."""

from typing import Protocol

from postroad.core.queue import NothingQueued, PurgeOutcome, QueuePurged, QueueStage


class PurgeQueueStore(Protocol):
    def purge_queue(self, stage: QueueStage, actor: str) -> QueuePurged: ...


def purge_queue(store: PurgeQueueStore, stage: QueueStage, actor: str) -> PurgeOutcome:
    """Nothing of it begins from here on. What is in SMTP still gets its reply."""
    purged = store.purge_queue(stage, actor)
    return purged if purged.batches else NothingQueued(stage)
