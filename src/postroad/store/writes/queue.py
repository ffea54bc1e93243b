"""The queues: purged as a whole, and every run of theirs stopped."""

from collections.abc import Sequence

from django.db import transaction

from postroad.core.ids import RunId
from postroad.core.queue import QueuePurged, QueueStage
from postroad.store.rows import row, rows

from .run import stop_run

__all__ = ["live_runs", "purge_queue", "stop_run"]


def purge_queue(stage: QueueStage, actor: str) -> QueuePurged:
    """Out of the queue in one transaction; the scheduler records each mail as purged."""
    with transaction.atomic(durable=True):
        return QueuePurged(stage, **row("purge_queue", {"stage": stage, "actor": actor}))


def live_runs() -> Sequence[RunId]:
    """Those that send first; a run that selects now holds its row, so those come last."""
    return [RunId(found["id"]) for found in rows("live_runs")]
