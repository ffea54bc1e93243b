"""The doorbell over RabbitMQ: a quorum queue a stage, and one for its urgent references.

References are persistent and confirmed, handed out a few at a time, and acked
once the claim is committed. A broker that is away is called again each second;
until it answers the workers look by themselves.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import aio_pika
import structlog
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
    AbstractQueue,
)
from aiormq.abc import FieldTable

from postroad.engine.broker import connect_broker
from postroad.engine.doorbell.inbox import Inbox
from postroad.engine.doorbell.port import STAGES, Heard, NotRung, Reference
from postroad.engine.doorbell.reference import read_reference, write_reference
from postroad.engine.messages.topology import ASIDE, declare_queue

T = TypeVar("T")
_log = structlog.get_logger()
PREFETCH: Final = 4
"""References that this worker may hold of a queue: as many batches as it sends at once."""
MOST_ASIDE_OCTETS: Final = 4096
_RETRY_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 10.0
_QUORUM: Final[FieldTable] = {"x-queue-type": "quorum"}


def queue_name(stage: str, *, urgent: bool) -> str:
    return f"postroad.{stage}.urgent" if urgent else f"postroad.{stage}"


@dataclass(frozen=True, slots=True)
class _Line:
    """One connection: a channel to publish on, one to hear on."""

    connection: AbstractConnection
    exchange: AbstractExchange
    publishing: AbstractChannel
    hearing: AbstractChannel
    closed: asyncio.Event


class RabbitDoorbell:
    def __init__(self, url: str) -> None:
        self._url = url
        self._inbox = Inbox()
        self._line: _Line | None = None
        self._opening = asyncio.Lock()

    async def run(self, heard: Callable[[str], None], stages: Sequence[str]) -> None:
        self._inbox.tell_to(heard)
        was_there = True
        while True:
            try:
                line = await self._open()
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    await self._consume(line, stages)
                _log.info("doorbell_heard", engine="rabbitmq")
                was_there = True
                await line.closed.wait()
                _log.warning("doorbell_lost", engine="rabbitmq")
            except Exception as error:  # noqa: BLE001 - whatever it is, it is called again.
                if was_there:
                    _log.warning("doorbell_away", engine="rabbitmq", cause=type(error).__name__)
                was_there = False
            await self.close()
            await asyncio.sleep(_RETRY_SECONDS)

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        return self._inbox.take(stage, only_urgent=only_urgent)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        async def publish(line: _Line) -> None:
            await asyncio.gather(
                *(
                    _publish(line, queue_name(each.stage, urgent=urgent), write_reference(each))
                    for each in references
                )
            )

        await self._with_line(publish)

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        async def count(line: _Line) -> int:
            queue = await _declare(line.publishing, queue_name(stage, urgent=urgent))
            return queue.declaration_result.message_count or 0

        return await self._with_line(count)

    async def purge(self) -> None:
        async def drop(line: _Line) -> None:
            for stage in STAGES:
                for urgent in (False, True):
                    queue = await _declare(line.publishing, queue_name(stage, urgent=urgent))
                    await queue.purge()

        await self._with_line(drop)

    async def close(self) -> None:
        """What was handed out and not acked is handed out again, to whoever listens."""
        line, self._line = self._line, None
        self._inbox.clear()
        if line is not None:
            await _hang_up(line.connection)

    async def _with_line(self, work: Callable[[_Line], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await work(await self._open())
        except Exception as error:
            raise NotRung(f"RabbitMQ did not confirm: {type(error).__name__}") from error

    async def _open(self) -> _Line:
        async with self._opening:
            if self._line is not None and self._line.closed.is_set():
                # It may be that only a channel was closed.
                gone, self._line = self._line, None
                await _hang_up(gone.connection)
            if self._line is None:
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    self._line = await _connect(self._url)
            return self._line

    async def _consume(self, line: _Line, stages: Sequence[str]) -> None:
        self._inbox.clear()
        await line.hearing.set_qos(prefetch_count=PREFETCH)
        for stage in stages:
            for urgent in (True, False):
                queue = await _declare(line.hearing, queue_name(stage, urgent=urgent))
                await queue.consume(self._receiver(stage, urgent=urgent))

    def _receiver(
        self, stage: str, *, urgent: bool
    ) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
        async def receive(message: AbstractIncomingMessage) -> None:
            async def ack() -> None:
                # On a connection that is gone or says nothing it comes again, and is stale then.
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(_PATIENCE_SECONDS):
                        await message.ack()

            async def put_aside() -> None:
                await self._with_line(lambda line: _put_aside(line, message.body))

            reference = read_reference(message.body, stage)
            self._inbox.put(stage, Heard(reference, ack, put_aside), urgent=urgent)

        return receive


async def _connect(url: str) -> _Line:
    connection = await connect_broker(url)
    try:
        return await _furnish(connection)
    except BaseException:
        await _hang_up(connection)
        raise


async def _furnish(connection: AbstractConnection) -> _Line:
    closed = asyncio.Event()
    connection.close_callbacks.add(lambda *_: closed.set())
    publishing = await connection.channel(publisher_confirms=True, on_return_raises=True)
    hearing = await connection.channel()
    # A channel that the broker closes takes the connection with it: both come anew.
    for channel in (publishing, hearing):
        channel.close_callbacks.add(lambda *_: closed.set())
    for stage in STAGES:
        for urgent in (False, True):
            await _declare(publishing, queue_name(stage, urgent=urgent))
    return _Line(connection, publishing.default_exchange, publishing, hearing, closed)


async def _hang_up(connection: AbstractConnection) -> None:
    """Twice: the first fails where the line is gone, the second then has none to fail with."""
    for _ in range(2):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await connection.close()


async def _declare(channel: AbstractChannel, name: str) -> AbstractQueue:
    return await channel.declare_queue(name, durable=True, arguments=_QUORUM)


async def _put_aside(line: _Line, body: bytes) -> None:
    await declare_queue(line.connection, ASIDE)
    await _publish(line, ASIDE, body[:MOST_ASIDE_OCTETS])


async def _publish(line: _Line, queue: str, body: bytes) -> None:
    message = aio_pika.Message(
        body, content_type="application/json", delivery_mode=aio_pika.DeliveryMode.PERSISTENT
    )
    await line.exchange.publish(message, queue, mandatory=True)
