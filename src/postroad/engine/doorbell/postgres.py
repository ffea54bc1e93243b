"""The embedded doorbell: the batch table is the queue, NOTIFY the bell.

"Queues are databases" (Jim Gray, 1995): a claim looks by itself and skips what
others hold, so a lost notification only costs the time until the next look.
"""

import asyncio
from collections.abc import AsyncIterator

import psycopg
import structlog

from postroad.core.ids import RunId
from postroad.engine.doorbell.port import Bell, Reference, Ring

_log = structlog.get_logger()
_PREFIX = "postroad_"
_RETRY_SECONDS = 1.0


class PostgresDoorbell:
    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def ring(self, references: list[Reference]) -> None:
        """One notification a stage: who hears it looks for all that is due."""
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            for stage in sorted({reference.stage for reference in references}):
                await connection.execute("SELECT pg_notify(%s, '')", [_PREFIX + stage])

    async def listen(self) -> AsyncIterator[Ring]:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._dsn, autocommit=True
                ) as connection:
                    for bell in Bell:
                        await connection.execute(f"LISTEN {_PREFIX}{bell}")
                    # Whatever rang while nobody listened is looked for now.
                    for bell in Bell:
                        yield Ring(bell, None)
                    async for notice in connection.notifies():
                        yield _heard(notice.channel, notice.payload)
            except psycopg.OperationalError as error:
                _log.warning("doorbell_lost", cause=str(error))
            await asyncio.sleep(_RETRY_SECONDS)

    async def depth(self, stage: str) -> int:
        async with await psycopg.AsyncConnection.connect(self._dsn, autocommit=True) as connection:
            cursor = await connection.execute("SELECT count_waiting(%s)", [stage])
            row = await cursor.fetchone()
        return int(row[0]) if row else 0

    async def purge(self) -> None:
        """Nothing is carried outside the batch table."""


def _heard(channel: str, payload: str) -> Ring:
    bell = Bell(channel.removeprefix(_PREFIX))
    return Ring(bell, RunId(int(payload)) if payload.isdigit() else None)
