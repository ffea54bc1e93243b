"""From the journal to postroad.events and postroad.dead, in order, at least once."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from aiormq.abc import AbstractChannel

from postroad.core.messages import DeadLetter, Event, routing_key
from postroad.engine.messages.feed import PAGE, Feed, Row, Span
from postroad.engine.messages.frames import Outgoing, publish_all
from postroad.engine.messages.topology import DEAD, EVENTS

CONFIRM_SECONDS: Final = 30.0
MAX_TEXT: Final = 2_000
"""Characters of a journal's text that an event carries."""
_encode: Final = msgspec.json.Encoder().encode


async def take_turn(feed: Feed, channel: AbstractChannel) -> bool | None:
    """Publish a page. True: there may be more; None: another worker has the turn.

    Killed anywhere, the page is published again: the position moves last.
    """
    span = await feed.claim()
    if span is None:
        return None
    if span.after == span.upto:
        return False
    rows = await feed.read(span)
    async with asyncio.timeout(CONFIRM_SECONDS):
        await publish_all(channel, list(messages(rows)))
    is_full = len(rows) == PAGE
    await feed.advance(_end(span, rows, is_full=is_full))
    return is_full


def _end(span: Span, rows: Sequence[Row], *, is_full: bool) -> int:
    return rows[-1].position if is_full else span.upto


def messages(rows: Sequence[Row]) -> Iterator[Outgoing]:
    """The events of these rows, each death followed by its dead letter."""
    for row in rows:
        event = Event(
            v=1, position=row.position, at=row.at, kind=row.kind, run=row.run,
            campaign=row.campaign, n=row.n, attempt=row.attempt, key=row.key, id=row.id,
            code=row.code, enhanced=row.enhanced, text=row.text[:MAX_TEXT],
        )  # fmt: skip
        yield Outgoing(EVENTS, routing_key(event), _encode(event))
        if row.is_dead and row.run and row.n and row.attempt is not None:
            letter = DeadLetter(row.run, row.n, row.attempt, row.text[:MAX_TEXT])
            yield Outgoing("", DEAD, _encode(letter))
