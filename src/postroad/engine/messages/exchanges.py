"""The loop of a worker that serves outsiders over RabbitMQ. A broker that is away delays it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, NoReturn, TypeVar

import psycopg
import structlog
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError
from psycopg_pool import PoolTimeout

from postroad.engine.broker import connect_broker
from postroad.engine.messages.feed import LEASE_SECONDS, Feed
from postroad.engine.messages.publishing import take_turn
from postroad.engine.messages.taking import Taker
from postroad.engine.messages.topology import SUBMIT, declare
from postroad.engine.protocol import Protocol

_T = TypeVar("_T")
_log = structlog.get_logger()
_RETRY_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 2.0
_IDLE_SECONDS: Final = 0.3
"""Between two looks at a journal that said nothing new."""
_PREFETCH: Final = 20


class Exchanges:
    def __init__(self, url: str, public_url: str = "") -> None:
        self._url = url
        self._public_url = public_url

    async def run(self, protocol: Protocol) -> None:
        """Until cancelled; then another worker may publish at once."""
        feed = Feed(protocol)
        try:
            while True:
                await self._until_away(protocol, feed)
                await asyncio.sleep(_RETRY_SECONDS)
        finally:
            await _once(feed.leave)

    async def _until_away(self, protocol: Protocol, feed: Feed) -> None:
        try:
            async with _connected(self._url) as connection:
                await declare(connection)
                # The feed begins before anything is taken: what comes of it is told.
                await _insist(feed.claim)
                taking, publishing = await connection.channel(), await connection.channel()
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._take(taking, protocol))
                    tasks.create_task(_publish(publishing, feed))
                    for each in (connection, taking, publishing):
                        tasks.create_task(_until_closed(each))
        except* (AMQPError, ChannelInvalidStateError, OSError) as group:
            _log.warning("broker_away", cause=str(group.exceptions[0]))

    async def _take(self, channel: AbstractChannel, protocol: Protocol) -> NoReturn:
        """One after the other; what is not taken yet stays the broker's."""
        arrived: asyncio.Queue[AbstractIncomingMessage | None] = asyncio.Queue()
        await channel.set_qos(prefetch_count=_PREFETCH)
        wire = await channel.get_underlay_channel()
        wire.on_consumer_cancel_callbacks.add(lambda _frame: arrived.put_nowait(None))
        queue = await channel.get_queue(SUBMIT)
        await queue.consume(arrived.put)
        taker = Taker(protocol, channel, self._public_url)
        while message := await arrived.get():
            await _insist(partial(taker.take, message))
        _lost(f"The queue {SUBMIT} was deleted.")


@asynccontextmanager
async def _connected(url: str) -> AsyncIterator[AbstractConnection]:
    """A broker that does not answer any more keeps nobody from leaving."""
    connection = await connect_broker(url)
    try:
        yield connection
    finally:
        with contextlib.suppress(AMQPError, ChannelInvalidStateError, OSError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                await connection.close()


async def _publish(channel: AbstractChannel, feed: Feed) -> NoReturn:
    wire = await channel.get_underlay_channel()
    while True:
        more = await _insist(partial(take_turn, feed, wire))
        if not more:
            # One that waits for another's turn looks no oftener than that can lapse.
            await asyncio.sleep(LEASE_SECONDS / 4 if more is None else _IDLE_SECONDS)


async def _until_closed(line: AbstractConnection | AbstractChannel) -> NoReturn:
    await line.closed()
    _lost("The broker closed the connection.")


def _lost(text: str) -> NoReturn:
    raise ConnectionError(text)


async def _insist(work: Callable[[], Awaitable[_T]]) -> _T:
    """Again until the database is there: the broker is not to blame for it."""
    while True:
        try:
            return await work()
        except (psycopg.OperationalError, PoolTimeout) as error:
            _log.warning("database_away", cause=str(error))
            await asyncio.sleep(_RETRY_SECONDS)


async def _once(work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except (psycopg.OperationalError, PoolTimeout) as error:
        _log.warning("database_away", cause=str(error))
