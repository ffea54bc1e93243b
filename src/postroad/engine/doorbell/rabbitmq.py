"""The doorbell over RabbitMQ: a quorum queue a stage, and one for its urgent references.

References are persistent and confirmed, handed out a few at a time, and acked
once the claim is committed. A broker that is away is called again each second;
until it answers the workers look by themselves. Each queue is heard by itself:
one that cannot be silences no other.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import aio_pika
from aio_pika.abc import (
    AbstractChannel,
    AbstractConnection,
    AbstractExchange,
    AbstractIncomingMessage,
)

from postroad.engine.broker import connect_broker, hang_up
from postroad.engine.doorbell.consumer import PATIENCE_SECONDS, Consumer, Roll, declare
from postroad.engine.doorbell.inbox import Inbox
from postroad.engine.doorbell.port import STAGES, Heard, NotRung, Reference
from postroad.engine.doorbell.reference import headers_of, read_reference, write_reference
from postroad.engine.messages.topology import ASIDE, declare_queue

T = TypeVar("T")
MOST_ASIDE_OCTETS: Final = 4096
AGAIN_SECONDS: Final = 2.0
"""Until a reference whose putting aside was refused goes back to its queue."""


def queue_name(stage: str, *, urgent: bool) -> str:
    return f"postroad.{stage}.urgent" if urgent else f"postroad.{stage}"


@dataclass(frozen=True, slots=True)
class _Line:
    """What is rung, counted and purged over; nothing is heard here."""

    connection: AbstractConnection
    exchange: AbstractExchange
    channel: AbstractChannel
    closed: asyncio.Event

    @property
    def is_gone(self) -> bool:
        """The channel knows it before it tells, and of it alone the broker may have had enough."""
        return self.closed.is_set() or self.channel.is_closed


class RabbitDoorbell:
    def __init__(self, url: str) -> None:
        self._url = url
        self._inbox = Inbox()
        self._line: _Line | None = None
        self._opening = asyncio.Lock()
        self._consumers: list[Consumer] = []
        self._returning: set[asyncio.Task[None]] = set()

    async def run(self, heard: Callable[[str], None], stages: Sequence[str]) -> None:
        self._inbox.tell_to(heard)
        queues = [(stage, urgent) for stage in stages for urgent in (True, False)]
        roll = Roll(queue_name(stage, urgent=urgent) for stage, urgent in queues)
        async with asyncio.TaskGroup() as hearing:
            for stage, urgent in queues:
                consumer = self._consumer(stage, urgent=urgent)
                self._consumers.append(consumer)
                hearing.create_task(consumer.run(roll))

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        return self._inbox.take(stage, only_urgent=only_urgent)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        async def publish(line: _Line) -> None:
            for stage in {each.stage for each in references}:
                await declare(line.channel, queue_name(stage, urgent=urgent))
            await asyncio.gather(
                *(
                    _publish(line, queue_name(each.stage, urgent=urgent), write_reference(each))
                    for each in references
                )
            )

        await self._with_line(publish)

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        async def count(line: _Line) -> int:
            queue = await declare(line.channel, queue_name(stage, urgent=urgent))
            return queue.declaration_result.message_count or 0

        return await self._with_line(count)

    async def purge(self) -> None:
        """All that can be, though one be refused."""
        refusals = []
        for stage in STAGES:
            for urgent in (False, True):
                try:
                    await self._drop(queue_name(stage, urgent=urgent))
                except NotRung as refusal:
                    refusals.append(refusal)
        if refusals:
            raise refusals[0]

    async def _drop(self, queue: str) -> None:
        async def drop(line: _Line) -> None:
            await (await declare(line.channel, queue)).purge()

        await self._with_line(drop)

    async def close(self) -> None:
        """What was handed out and not acked is handed out again, to whoever listens."""
        line, self._line = self._line, None
        consumers, self._consumers = self._consumers, []
        self._inbox.clear()
        for returning in list(self._returning):
            returning.cancel()
        hearing = [consumer.close() for consumer in consumers]
        ringing = [hang_up(line.connection)] if line is not None else []
        await asyncio.gather(*hearing, *ringing)

    async def _with_line(self, work: Callable[[_Line], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await work(await self._open())
        except TimeoutError as error:
            # Low on disk or memory, it takes nothing and says nothing more.
            text = "RabbitMQ did not confirm in time: see whether it runs and has free disk space."
            raise NotRung(text) from error
        except Exception as error:
            raise NotRung(f"RabbitMQ did not confirm: {type(error).__name__}") from error

    async def _open(self) -> _Line:
        async with self._opening:
            if self._line is not None and self._line.is_gone:
                gone, self._line = self._line, None
                await hang_up(gone.connection)
            if self._line is None:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    self._line = await _connect(self._url)
            return self._line

    def _consumer(self, stage: str, *, urgent: bool) -> Consumer:
        return Consumer(
            self._url,
            queue_name(stage, urgent=urgent),
            lambda: self._inbox.forget(stage, urgent=urgent),
            self._receiver(stage, urgent=urgent),
        )

    def _later(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._returning.add(task)
        task.add_done_callback(self._returning.discard)

    def _receiver(
        self, stage: str, *, urgent: bool
    ) -> Callable[[AbstractIncomingMessage], Awaitable[None]]:
        async def receive(message: AbstractIncomingMessage) -> None:
            async def ack() -> None:
                # On a connection that is gone or says nothing it comes again, and is stale then.
                with contextlib.suppress(Exception):
                    async with asyncio.timeout(PATIENCE_SECONDS):
                        await message.ack()

            async def put_aside() -> None:
                try:
                    await self._with_line(lambda line: _put_aside(line, message.body, why))
                except NotRung:
                    self._later(_returned(message))
                    raise

            reference = read_reference(message.body, stage)
            why = headers_of(reference, queue_name(stage, urgent=urgent))
            self._inbox.put(stage, Heard(reference, ack, put_aside), urgent=urgent)

        return receive


async def _returned(message: AbstractIncomingMessage) -> None:
    """What could not be put aside keeps no place: after a while somebody tries again."""
    await asyncio.sleep(AGAIN_SECONDS)
    with contextlib.suppress(Exception):
        async with asyncio.timeout(PATIENCE_SECONDS):
            await message.nack(requeue=True)


async def _connect(url: str) -> _Line:
    connection = await connect_broker(url)
    try:
        return await _furnish(connection)
    except BaseException:
        await hang_up(connection)
        raise


async def _furnish(connection: AbstractConnection) -> _Line:
    closed = asyncio.Event()
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    # A channel that the broker closes takes the connection with it: both come anew.
    for each in (connection, channel):
        each.close_callbacks.add(lambda *_: closed.set())
    return _Line(connection, channel.default_exchange, channel, closed)


async def _put_aside(line: _Line, body: bytes, why: dict[str, str]) -> None:
    await declare_queue(line.connection, ASIDE)
    await _publish(line, ASIDE, body[:MOST_ASIDE_OCTETS], why)


async def _publish(
    line: _Line, queue: str, body: bytes, headers: dict[str, str] | None = None
) -> None:
    message = aio_pika.Message(
        body,
        headers=dict(headers or {}),
        content_type="application/json",
        delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
    )
    await line.exchange.publish(message, queue, mandatory=True)
