"""What a report costs does not depend on the size of its run, or on statistics."""

import json
from uuid import UUID, uuid4

import psycopg
import pytest

from .rig import a_rig

pytestmark = pytest.mark.asyncio

PEOPLE = 3000
A_BATCH = 100
LOOKUPS_A_MAIL = 8
"""Rows read of deliveries and states. A plan that reads the run for each batch has thousands."""


async def test_a_report_reads_the_rows_of_its_mails_only(database: str) -> None:
    async with a_rig(database) as rig:
        run = await rig.ready(PEOPLE)
        await rig.stop_workers()
        rig.launch(run)
        with psycopg.connect(database) as connection:
            assert _rows_read(connection, uuid4()) <= A_BATCH * LOOKUPS_A_MAIL


def _rows_read(connection: psycopg.Connection, worker: UUID) -> int:
    """Of a batch claimed, loaded, sent and recorded, in one transaction."""
    batch, claim, numbers = connection.execute(
        "SELECT id, claim, item_n FROM claim_batch('dispatch', %s)", [worker]
    ).fetchone() or (0, 0, [])
    assert len(numbers) == A_BATCH
    facts = json.dumps([{"n": n, "attempt": 1, "kind": "accepted"} for n in numbers])
    connection.execute("SELECT * FROM load_mails(%s)", [batch]).fetchall()
    for told, hi in (("[]", A_BATCH), (facts, None)):
        connection.execute(
            "SELECT * FROM report_window(%s, %s, %s, 'test', %s, %s, NULL)",
            [batch, worker, claim, told, hi],
        )
    (read,) = connection.execute(
        "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint"
        " FROM pg_stat_xact_user_tables WHERE relname IN ('delivery', 'delivery_state')"
    ).fetchone() or (0,)
    connection.rollback()
    return int(read)
