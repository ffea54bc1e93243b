"""The queues: purged as a whole, and every run of theirs stopped."""

from collections.abc import Sequence

from django.db import transaction

from postroad.core.ids import RunId
from postroad.core.queue import QueuePurged, QueueStage
from postroad.store.rows import row, rows

from .run import stop_run

__all__ = ["live_runs", "purge_queue", "stop_run"]


def purge_queue(stage: QueueStage, actor: str) -> QueuePurged:
    """Out of the queue, then out of the hands of workers, a transaction each.

    In this order: what is claimed between the two is recalled. Each mail is
    recorded as purged by the scheduler or by the worker that had it.
    """
    named = {"stage": stage, "actor": actor}
    with transaction.atomic(durable=True):
        waited = row("purge_queue", named)
    with transaction.atomic(durable=True):
        held = row("recall_queue", named)
    return QueuePurged(
        stage,
        runs=len({*waited["runs"], *held["runs"]}),
        batches=waited["batches"] + held["batches"],
        mails=waited["mails"] + held["mails"],
        in_flight=held["in_flight"],
    )


def live_runs() -> Sequence[RunId]:
    """Those that send first; a run that selects now holds its row, so those come last."""
    return [RunId(found["id"]) for found in rows("live_runs")]
