"""What befalls one queue of the broker silences no other: the others are heard, nobody looks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from urllib.parse import urlsplit

import pika
import pika.exceptions
import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.consumer import PREFETCH
from postroad.engine.doorbell.port import Heard, NotRung, Reference
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell, queue_name
from postroad.engine.messages.topology import ASIDE
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Relay
from tests.engine.rig import PATIENCE_SECONDS, Rig, at_work

NEVER = 3600.0
REFERENCE = Reference(RunId(1), 1, BatchId(1), "dispatch")
URGENT = queue_name("prepare", urgent=True)
"""The queue that is asked for first."""


@asynccontextmanager
async def a_rig(dsn: str, url: str, workers: int = 1) -> AsyncIterator[Rig]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        async with Relay() as relay:
            rig = Rig(dsn, relay, connection, look_seconds=NEVER, ring_again_seconds=NEVER)
            rig.carrier = lambda: RabbitDoorbell(url)
            async with at_work(rig, workers):
                yield rig


@contextmanager
def a_channel(url: str) -> Iterator[BlockingChannel]:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        yield connection.channel()


def declare_all(url: str) -> None:
    with a_channel(url) as channel:
        for stage in ("prepare", "dispatch"):
            for urgent in (True, False):
                channel.queue_declare(
                    queue_name(stage, urgent=urgent),
                    durable=True,
                    arguments={"x-queue-type": "quorum"},
                )


async def test_one_without_a_leader_is_heard_once_it_has_one(
    dsn: str, rabbitmq: RabbitMQNode, broker_url: str
) -> None:
    """It answers a consumer by closing the whole connection."""
    declare_all(broker_url)
    vhost = urlsplit(broker_url).path.removeprefix("/")
    async with a_rig(dsn, broker_url, workers=0) as rig:
        with rabbitmq.leaderless(vhost, URGENT):
            await rig.start_worker()
            await rig.finish(120)
            urgent = rig.verify(20, campaign_id=2, priority=1)
            await rig.finish(30, campaign_id=3)
        await rig.until(urgent, "ready")


async def test_one_that_was_declared_otherwise_is_heard_once_it_is_gone(
    dsn: str, broker_url: str
) -> None:
    with a_channel(broker_url) as channel:
        channel.queue_declare(URGENT)  # A classic one, that no restart survives.
        async with a_rig(dsn, broker_url) as rig:
            await rig.finish(120)
            channel.queue_delete(URGENT)
            await rig.finish(20, campaign_id=2, priority=1)


async def test_one_that_is_deleted_under_its_consumer_is_declared_and_heard_again(
    broker_url: str,
) -> None:
    """Declared first: one that two declare at once has no leader yet, and refuses what is rung."""
    declare_all(broker_url)
    bell = RabbitDoorbell(broker_url)
    heard = asyncio.Event()
    listening = asyncio.create_task(bell.run(lambda _stage: heard.set(), ["dispatch"]))
    name = queue_name("dispatch", urgent=False)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await bell.ring([REFERENCE])
            await heard.wait()
            heard.clear()
            with a_channel(broker_url) as channel:
                channel.queue_delete(name)
            while not has_consumer(broker_url, name):  # noqa: ASYNC110 - no bell rings here.
                await asyncio.sleep(0.05)
            await bell.ring([REFERENCE])
            await heard.wait()
    finally:
        listening.cancel()
        await bell.close()


async def test_what_is_refused_aside_keeps_no_place_and_comes_again(
    rabbitmq: RabbitMQNode, broker_url: str
) -> None:
    """As many as a worker may hold of a queue, while the place for them confirms nothing."""
    declare_all(broker_url)
    vhost = urlsplit(broker_url).path.removeprefix("/")
    name = queue_name("dispatch", urgent=False)
    bell = RabbitDoorbell(broker_url)
    came: asyncio.Queue[str] = asyncio.Queue()
    listening = asyncio.create_task(bell.run(came.put_nowait, ["dispatch"]))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            with a_channel(broker_url) as channel:
                channel.queue_declare(ASIDE, durable=True, arguments={"x-queue-type": "quorum"})
                for _ in range(PREFETCH):
                    channel.basic_publish("", name, b"junk")
            with rabbitmq.leaderless(vhost, ASIDE):
                for heard in await taken(bell, came):
                    with pytest.raises(NotRung):
                        await heard.put_aside()
            for heard in await taken(bell, came):
                await heard.put_aside()
                await heard.ack()
        assert await bell.depth("dispatch") == 0
    finally:
        listening.cancel()
        await bell.close()


async def taken(bell: RabbitDoorbell, came: "asyncio.Queue[str]") -> list[Heard]:
    """As many as are handed out at a time."""
    got = []
    for _ in range(PREFETCH):
        await came.get()
        heard = bell.take("dispatch")
        assert heard is not None
        got.append(heard)
    return got


def has_consumer(url: str, queue: str) -> bool:
    """Whether the queue is there, and heard."""
    with a_channel(url) as channel:
        try:
            declared = channel.queue_declare(queue, passive=True)
        except pika.exceptions.ChannelClosedByBroker:
            return False
        return declared.method.consumer_count > 0
