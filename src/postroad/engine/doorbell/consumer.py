"""One RabbitMQ queue, heard over a connection of its own.

A quorum queue without a leader answers its consumer by closing the whole
connection, and one that was declared otherwise never comes to be heard: the
worker hears the others meanwhile, and asks for this one again each second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import structlog
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractIncomingMessage,
    AbstractQueue,
)
from aiormq.abc import FieldTable

from postroad.engine.broker import connect_broker, hang_up

_log = structlog.get_logger()
PREFETCH: Final = 4
"""References that this worker may hold of a queue: as many batches as it sends at once."""
RETRY_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 10.0
_QUORUM: Final[FieldTable] = {"x-queue-type": "quorum"}


async def declare(channel: AbstractChannel, name: str) -> AbstractQueue:
    return await channel.declare_queue(name, durable=True, arguments=_QUORUM)


class Roll:
    """Says once when all queues of a worker are heard, once when that ends, once who is missing."""

    def __init__(self, queues: Iterable[str]) -> None:
        self._unheard = set(queues)
        self._told: set[str] = set()

    def is_heard(self, queue: str) -> None:
        self._told.discard(queue)
        self._unheard.discard(queue)
        if not self._unheard:
            _log.info("doorbell_heard", engine="rabbitmq")

    def is_lost(self, queue: str) -> None:
        if not self._unheard:
            _log.warning("doorbell_lost", engine="rabbitmq", queue=queue)
        self._unheard.add(queue)

    def is_away(self, queue: str, cause: str) -> None:
        if queue not in self._told:
            _log.warning("doorbell_away", engine="rabbitmq", queue=queue, cause=cause)
        self._told.add(queue)


class Consumer:
    def __init__(
        self,
        url: str,
        queue: str,
        forget: Callable[[], None],
        receive: Callable[[AbstractIncomingMessage], Awaitable[None]],
    ) -> None:
        """`forget` is told before the first reference of a new connection comes."""
        self._url = url
        self._queue = queue
        self._forget = forget
        self._receive = receive
        self._connection: AbstractConnection | None = None

    async def run(self, roll: Roll) -> None:
        """For ever. Cancelled, it keeps the connection: what it brought can still be acked."""
        while True:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    closed = await self._consume()
                roll.is_heard(self._queue)
                await closed.wait()
                roll.is_lost(self._queue)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is asked for again.
                roll.is_away(self._queue, type(error).__name__)
            await self.close()
            await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        """What was handed out and not acked is handed out again, to whoever listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await hang_up(connection)

    async def _consume(self) -> asyncio.Event:
        """The event: it is heard no longer."""
        self._connection = await connect_broker(self._url)
        channel = await self._connection.channel()
        closed = asyncio.Event()
        for each in (self._connection, channel):
            each.close_callbacks.add(lambda *_: closed.set())
        # As when somebody deletes the queue.
        wire = await channel.get_underlay_channel()
        wire.on_consumer_cancel_callbacks.add(lambda _frame: closed.set())
        await channel.set_qos(prefetch_count=PREFETCH)
        self._forget()
        await (await declare(channel, self._queue)).consume(self._receive)
        return closed
