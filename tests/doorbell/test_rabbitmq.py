"""The doorbell over RabbitMQ: whole runs through it, and what is lost changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pika
import psycopg
import pytest

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import NotRung, Reference
from postroad.engine.doorbell.rabbitmq import ASIDE, RabbitDoorbell, queue_name
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Relay
from tests.engine.rig import Rig

LONG = 3600.0
"""Looks by itself and rings again so seldom that it does neither here."""


@asynccontextmanager
async def a_rig(
    dsn: str, url: str, workers: int = 2, look: float = LONG, again: float = LONG
) -> AsyncIterator[Rig]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        async with Relay() as relay:
            rig = Rig(dsn, relay, connection)
            rig.carrier = lambda: RabbitDoorbell(url)
            rig.look_seconds, rig.ring_again_seconds = look, again
            for _ in range(workers):
                await rig.start_worker()
            try:
                yield rig
            finally:
                await rig.stop_workers()


def _a_reference(batch: int, stage: str = "dispatch") -> Reference:
    return Reference(RunId(1), 1, BatchId(batch), stage)


async def test_a_run_goes_out_once_over_the_broker(dsn: str, broker_url: str) -> None:
    async with a_rig(dsn, broker_url) as rig:
        run = await rig.finish(350)
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}
        assert len(rig.begun()) == 350


async def test_what_cannot_be_read_is_put_aside_with_a_journal_row(
    dsn: str, broker_url: str
) -> None:
    async with a_rig(dsn, broker_url, workers=1) as rig:
        bodies = [b"\xff\x00", b"{}", b'{"v":2,"run":1,"epoch":1,"batch":1,"stage":"dispatch"}']
        with closing(pika.BlockingConnection(pika.URLParameters(broker_url))) as connection:
            channel = connection.channel()
            channel.queue_declare(
                queue_name("dispatch", urgent=False),
                durable=True,
                arguments={"x-queue-type": "quorum"},
            )
            for body in bodies:
                channel.basic_publish("", queue_name("dispatch", urgent=False), body)
            await rig.until_true("SELECT count(*) = 3 FROM journal WHERE kind = 'put_aside'")
            await rig.finish(10)
            aside = [channel.basic_get(ASIDE, auto_ack=True)[2] for _ in bodies]
        assert sorted(filter(None, aside)) == sorted(bodies)


async def test_a_killed_broker_slows_a_run_and_stops_none(
    dsn: str, own_rabbitmq: RabbitMQNode
) -> None:
    """FAULTS 4: workers look by themselves meanwhile, and hear again afterwards."""
    async with a_rig(dsn, own_rabbitmq.url, look=0.5, again=1) as rig:
        ready = await rig.ready(150)
        own_rabbitmq.kill()
        rig.launch(ready)
        await rig.until(ready, "finished")
        await asyncio.to_thread(own_rabbitmq.start)
        after = await rig.finish(150, campaign_id=2)
        for run in (ready, after):
            rig.adds_up(run)
        assert set(rig.begun().values()) == {2}


async def test_urgent_references_are_taken_first(broker_url: str) -> None:
    bell = RabbitDoorbell(broker_url)
    await bell.ring([_a_reference(1), _a_reference(2)])
    await bell.ring([_a_reference(3)], urgent=True)
    came = asyncio.Event()
    heard = 0

    def hear(_stage: str) -> None:
        nonlocal heard
        heard += 1
        if heard == 3:
            came.set()

    listening = asyncio.create_task(bell.run(hear, ["dispatch"]))
    await asyncio.wait_for(came.wait(), 20)
    first = bell.take("dispatch")
    assert first is not None
    assert first.reference == _a_reference(3)
    listening.cancel()
    await bell.close()


async def test_depth_and_purge_are_the_brokers_own(broker_url: str) -> None:
    bell = RabbitDoorbell(broker_url)
    await bell.ring([_a_reference(batch) for batch in range(5)])
    assert await bell.depth("dispatch") == 5
    assert await bell.depth("dispatch", urgent=True) == 0
    await bell.purge()
    assert await bell.depth("dispatch") == 0
    await bell.close()


async def test_a_broker_that_is_away_says_so(own_rabbitmq: RabbitMQNode) -> None:
    bell = RabbitDoorbell(own_rabbitmq.url)
    own_rabbitmq.kill()
    with pytest.raises(NotRung):
        await bell.ring([_a_reference(1)])
    await bell.close()
