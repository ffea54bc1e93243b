"""The journal, read by position, by one worker at a time (claim_feed)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.rows import class_row, tuple_row

from postroad.core.messages import PUBLISHED
from postroad.engine.protocol import Protocol

FEED: Final = "exchanges"
LEASE_SECONDS: Final = 10.0
PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """Rows above `after`, up to `upto`, can be published."""

    after: int
    upto: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the journal, as read_feed gives it. `is_dead`: its delivery is dead by it."""

    position: int
    at: datetime
    kind: str
    run: int | None
    campaign: int | None
    n: int | None
    attempt: int | None
    key: str | None
    id: str | None
    code: int | None
    enhanced: str | None
    text: str
    is_dead: bool


class Feed:
    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol

    async def claim(self) -> Span | None:
        """None: another worker has the turn. The first claim of all begins the feed."""
        async with self._protocol.pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            await cursor.execute(
                "SELECT after, upto FROM claim_feed(%s, %s, %s)",
                [FEED, self._protocol.worker, LEASE_SECONDS],
            )
            row = await cursor.fetchone()
        return Span(*row) if row and row[0] is not None else None

    async def read(self, span: Span) -> list[Row]:
        """In order of position, a page of them."""
        async with (
            self._protocol.pool.connection() as connection,
            connection.cursor(row_factory=class_row(Row)) as cursor,
        ):
            await cursor.execute(
                "SELECT * FROM read_feed(%s, %s, %s, %s)",
                [span.after, span.upto, list(PUBLISHED), PAGE],
            )
            return await cursor.fetchall()

    async def advance(self, to: int) -> None:
        await self._protocol.value(
            "SELECT advance_feed(%s, %s, %s)", FEED, self._protocol.worker, to
        )

    async def leave(self) -> None:
        """Another worker may have the turn at once."""
        await self._protocol.value("SELECT leave_feed(%s, %s)", FEED, self._protocol.worker)
