"""What the manager asks of a worker."""

from typing import Literal, cast
from uuid import UUID

from django.db import connection, transaction

DrainAnswer = Literal["draining", "already", "gone"]
UndoAnswer = Literal["kept", "heard", "gone"]


def drain_worker(worker_id: UUID, actor: str) -> DrainAnswer:
    """It hears it with its next heartbeat; 'gone' when it does not live."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT drain_worker(%s, %s)", [worker_id, actor])
        return cast("DrainAnswer", cursor.fetchone()[0])


def undo_drain(worker_id: UUID, actor: str) -> UndoAnswer:
    """Possible until a heartbeat has told it."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT undo_drain(%s, %s)", [worker_id, actor])
        return cast("UndoAnswer", cursor.fetchone()[0])


def end_rest(host: str, slot: str, actor: str) -> bool:
    """Whether it rested."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT end_rest(%s, %s, %s)", [host, slot, actor])
        return bool(cursor.fetchone()[0])
