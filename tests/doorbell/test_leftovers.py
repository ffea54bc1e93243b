"""No connection is left to the garbage collector, which runs in any thread, and late."""

import asyncio
import contextlib
import gc
import socket
from collections.abc import AsyncIterator

import aio_pika
import pytest

from postroad.core.ids import BatchId, RunId
from postroad.engine.broker import connect_broker
from postroad.engine.doorbell.port import NotRung, Reference
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.testing.proxy import some_lines
from postroad.testing.rabbitmq import RabbitMQNode


def open_connections() -> list[aio_pika.Connection]:
    found = [each for each in gc.get_objects() if isinstance(each, aio_pika.Connection)]
    return [each for each in found if not each.is_closed]


@contextlib.asynccontextmanager
async def a_rude_host() -> AsyncIterator[str]:
    """Takes connections and closes them at once."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"amqp://guest:guest@{host}:{port}/"


async def test_one_that_could_not_be_made_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nobody = f"amqp://guest:guest@127.0.0.1:{gone.getsockname()[1]}/"
    kept = []
    async with a_rude_host() as rude:
        for url in (nobody, rude):
            with pytest.raises(ConnectionError) as refused:
                await connect_broker(url)
            # With its traceback, and so with what the library left in its frames.
            kept.append(refused.value)
            assert open_connections() == []
    assert len(kept) == 2


async def test_one_whose_channel_the_broker_closed_is_closed_too(broker_url: str) -> None:
    bell = RabbitDoorbell(broker_url)
    await bell.ring([Reference(RunId(1), 1, BatchId(1), "dispatch")])
    (first,) = open_connections()
    line = bell._line
    assert line is not None
    with pytest.raises(aio_pika.exceptions.ChannelClosed):
        await line.channel.declare_queue("there is none", passive=True)
    async with asyncio.timeout(20):
        await line.closed.wait()
    assert await bell.depth("dispatch") == 1
    assert first.is_closed
    assert len(open_connections()) == 1
    await bell.close()


async def test_one_that_was_cut_off_is_closed(rabbitmq: RabbitMQNode, broker_url: str) -> None:
    with some_lines() as lines:
        line = lines.between(("127.0.0.1", 0), ("127.0.0.1", rabbitmq.port))
        assert isinstance(line.address, tuple)
        bell = RabbitDoorbell(broker_url.replace(str(rabbitmq.port), str(line.address[1])))
        await bell.ring([Reference(RunId(1), 1, BatchId(1), "dispatch")])
        line.cut()
        with pytest.raises(NotRung):
            await bell.depth("dispatch")
        with pytest.raises(NotRung):
            await bell.depth("dispatch")
        assert open_connections() == []
        line.mend()
        assert await bell.depth("dispatch") == 1
        await bell.close()
        assert open_connections() == []
