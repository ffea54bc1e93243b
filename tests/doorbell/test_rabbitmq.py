"""The doorbell over RabbitMQ: whole runs through it, and what is lost changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

import pika
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import STAGES, NotRung, Reference, Unreadable
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell, queue_name
from postroad.engine.doorbell.reference import read_reference, write_reference
from postroad.engine.messages.topology import ASIDE
from postroad.testing.proxy import Line, some_lines
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Relay
from tests.engine.rig import LOOK_SECONDS, PATIENCE_SECONDS, Rig, at_work

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
            async with at_work(rig, workers):
                yield rig


def _a_reference(batch: int, stage: str = "dispatch") -> Reference:
    return Reference(RunId(1), 1, BatchId(batch), stage)


async def test_a_run_goes_out_once_over_the_broker(dsn: str, broker_url: str) -> None:
    async with a_rig(dsn, broker_url) as rig:
        run = await rig.finish(350)
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}
        assert len(rig.begun()) == 350


@pytest.mark.fault(17, 24)
async def test_what_cannot_be_read_is_put_aside_once_with_its_reason_in_the_journal(
    dsn: str, broker_url: str
) -> None:
    """Undecodable, of a version to come, of one long gone: none of them comes round again."""
    queue = queue_name("dispatch", urgent=False)
    whole = '"run":1,"epoch":1,"batch":1,"stage":"dispatch"}'
    bodies = {
        b"\xff\x00": "it cannot be decoded",
        b'{"\\u0000":1}': "it cannot be decoded",
        f'{{"v":2,"next":true,{whole}'.encode(): "it is of version 2, and version 1 is understood",
        f'{{"v":0,{whole}'.encode(): "it is of version 0, and version 1 is understood",
    }
    async with a_rig(dsn, broker_url, workers=1) as rig:
        await rig.finish(10)
        with closing(pika.BlockingConnection(pika.URLParameters(broker_url))) as connection:
            channel = connection.channel()
            for body in bodies:
                channel.basic_publish("", queue, body)
            await rig.until_true("SELECT count(*) = 4 FROM journal WHERE kind = 'put_aside'")
            await rig.finish(10, campaign_id=2)
            # As many rows as before, and the queue is empty: it was no loop.
            rows = rig.connection.execute("SELECT text FROM journal WHERE kind = 'put_aside'")
            said = [str(row[0]) for row in rows]
            left = channel.queue_declare(queue, passive=True).method.message_count
            aside = [channel.basic_get(ASIDE, auto_ack=True) for _ in bodies]
        assert sorted(body for _got, _about, body in aside if body) == sorted(bodies)
        for _got, about, came in aside:
            assert about is not None
            headers = dict(about.headers or {})
            assert bodies[came or b""] in str(headers["x-reason"])
            assert headers["x-from"] == queue
        assert left == 0
        assert len(said) == 4
        for reason in bodies.values():
            assert any(reason in text for text in said), said


@given(st.binary(max_size=1200) | st.text(max_size=1200).map(str.encode))
def test_any_octets_are_a_reference_or_have_a_reason(body: bytes) -> None:
    match read_reference(body, "dispatch"):
        case Unreadable(reason):
            assert reason.isprintable()
        case reference:
            assert read_reference(write_reference(reference), "dispatch") == reference


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**31 - 1), st.sampled_from(STAGES))
def test_a_reference_comes_back_as_it_was(number: int, epoch: int, stage: str) -> None:
    reference = Reference(RunId(number), epoch, BatchId(number), stage)
    assert read_reference(write_reference(reference), stage) == reference


@pytest.mark.fault(4)
async def test_a_killed_broker_slows_a_run_and_stops_none(
    dsn: str, own_rabbitmq: RabbitMQNode
) -> None:
    """Workers look by themselves meanwhile."""
    async with a_rig(dsn, own_rabbitmq.url, look=0.5, again=1) as rig:
        run = await rig.ready(150)
        own_rabbitmq.kill()
        rig.launch(run)
        await rig.until(run, "finished")
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}


@pytest.mark.fault(4)
async def test_a_broker_that_comes_back_is_rung_and_heard_again(
    dsn: str, own_rabbitmq: RabbitMQNode
) -> None:
    """Nobody looks here: without a bell the run would not end."""
    async with a_rig(dsn, own_rabbitmq.url, again=1) as rig:
        run = await rig.ready(150)
        own_rabbitmq.kill()
        rig.launch(run)
        await asyncio.to_thread(own_rabbitmq.start)
        await rig.until(run, "finished")
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}


@pytest.mark.fault(10)
async def test_a_broker_with_a_full_disk_slows_a_run_and_stops_none(
    dsn: str, own_rabbitmq: RabbitMQNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes no reference; workers look by themselves meanwhile."""
    bell = RabbitDoorbell(own_rabbitmq.url)
    await bell.ring([_a_reference(1)])
    async with a_rig(dsn, own_rabbitmq.url, look=0.5, again=1) as rig:
        run = await rig.ready(350)
        with own_rabbitmq.full_disk():
            with monkeypatch.context() as hurried:
                hurried.setattr("postroad.engine.doorbell.rabbitmq.PATIENCE_SECONDS", 0.5)
                with pytest.raises(NotRung, match="free disk space"):
                    await bell.ring([_a_reference(2)])
            rig.launch(run)
            await rig.until(run, "finished")
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}
    await bell.close()


@pytest.mark.fault(10)
async def test_a_broker_that_has_space_again_is_rung_and_heard_without_a_restart(
    dsn: str, own_rabbitmq: RabbitMQNode, caplog: pytest.LogCaptureFixture
) -> None:
    """It says why it takes no reference. Nobody looks here: without a bell no run would end."""
    async with a_rig(dsn, own_rabbitmq.url, again=1) as rig:
        run = await rig.ready(150)
        with own_rabbitmq.full_disk():
            rig.launch(run)
            async with asyncio.timeout(PATIENCE_SECONDS):
                while "low on disk" not in caplog.text:  # noqa: ASYNC110 - a library says it.
                    await asyncio.sleep(LOOK_SECONDS)
            assert rig.counts(run) == {"prepared": 150}
        await rig.until(run, "finished")
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}


@pytest.mark.fault(4)
async def test_confirmed_references_outlive_a_killed_broker(own_rabbitmq: RabbitMQNode) -> None:
    bell = RabbitDoorbell(own_rabbitmq.url)
    await bell.ring([_a_reference(batch) for batch in range(50)])
    await bell.close()
    own_rabbitmq.settle()
    own_rabbitmq.kill()
    await asyncio.to_thread(own_rabbitmq.start)
    assert await bell.depth("dispatch") == 50
    await bell.close()


@pytest.mark.fault(4)
async def test_what_was_marked_as_rung_and_never_published_is_rung_again(
    dsn: str, broker_url: str
) -> None:
    """A worker killed between the mark and the broker's word."""
    async with a_rig(dsn, broker_url, again=1) as rig:
        run = await rig.ready(150)
        with psycopg.connect(dsn) as killed:
            # One transaction, so that nobody else can ring first.
            killed.execute("SELECT * FROM launch_run(%s, NULL, 0, 'UTC', 'manager')", [run])
            marked = killed.execute("SELECT * FROM ring_due('dispatch', false, 9, 9, 30)")
            assert len(marked.fetchall()) == 2
        await rig.until(run, "finished")
        rig.adds_up(run)
        assert set(rig.begun().values()) == {1}


@pytest.mark.fault(9)
@pytest.mark.parametrize("act", [Line.cut, Line.silence])
async def test_a_worker_cut_off_from_the_broker_changes_nothing(
    dsn: str, rabbitmq: RabbitMQNode, broker_url: str, act: Callable[[Line], None]
) -> None:
    """What it had been handed comes again, to the other; both hear once it is whole again."""
    with some_lines() as lines:
        line = lines.between(("127.0.0.1", 0), ("127.0.0.1", rabbitmq.port))
        assert isinstance(line.address, tuple)
        cut_off = broker_url.replace(str(rabbitmq.port), str(line.address[1]))
        async with a_rig(dsn, cut_off, workers=1, again=1) as rig:
            rig.carrier = lambda: RabbitDoorbell(broker_url)
            await rig.start_worker()
            run = await rig.ready(350)
            act(line)
            rig.launch(run)
            await rig.until(run, "finished")
            line.mend()
            after = await rig.finish(350, campaign_id=2)
            for each in (run, after):
                rig.adds_up(each)
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
