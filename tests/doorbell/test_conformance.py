"""What every engine owes: losing, doubling, reordering or wiping references changes nothing.

Whole runs go through each of them, PostgreSQL alone included; what concerns
references themselves is asked of those that carry any. Celery hears in processes
that it starts itself, where nothing here can reach in: of it the ringing, counting
and purging is asked here, and whole runs, with a killed process, wiped queues
and poison, in `test_celery`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import Carrier, Heard, Reference, Unreadable
from postroad.testing.relay import Relay
from postroad.testing.unruly import UnrulyDoorbell
from tests.engine.rig import Rig

from .engines import Engine, celery_over, in_memory, over_rabbitmq
from .redis_server import a_redis

CARRIERS = ("memory", "rabbitmq")
CELERY = ("celery+amqp", "celery+redis")
LONG = 3600.0


@pytest.fixture(params=CARRIERS)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    yield from _engine(request)


@pytest.fixture(params=("postgresql", *CARRIERS))
def any_engine(request: pytest.FixtureRequest) -> Iterator[Engine | None]:
    """None: the database alone."""
    if request.param == "postgresql":
        yield None
    else:
        yield from _engine(request)


def _engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "memory":
        with in_memory() as engine:
            yield engine
    else:
        with over_rabbitmq(request.getfixturevalue("broker_url")) as engine:
            yield engine


@pytest.fixture(params=(*CARRIERS, *CELERY))
def any_carrier(request: pytest.FixtureRequest) -> Iterator[Callable[[], Carrier]]:
    match request.param:
        case "celery+amqp":
            yield celery_over(request.getfixturevalue("broker_url"))
        case "celery+redis":
            with a_redis() as url:
                yield celery_over(url)
        case _:
            for engine in _engine(request):
                yield engine.carrier


@asynccontextmanager
async def a_rig(dsn: str, engine: Engine | None, look: float, again: float) -> AsyncIterator[Rig]:
    """Two workers."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        async with Relay() as relay:
            rig = Rig(dsn, relay, connection, look_seconds=look, ring_again_seconds=again)
            if engine is not None:
                rig.carrier = engine.carrier
            try:
                yield rig
            finally:
                await rig.stop_workers()


async def works(rig: Rig) -> None:
    for _ in range(2):
        await rig.start_worker()


def went_out_once(rig: Rig, run: RunId, people: int) -> None:
    rig.adds_up(run)
    assert rig.counts(run) == {"accepted": people}
    assert len(rig.begun()) == people
    assert set(rig.begun().values()) == {1}


async def test_what_is_rung_is_heard(dsn: str, any_engine: Engine | None) -> None:
    """Nobody looks by himself here."""
    async with a_rig(dsn, any_engine, LONG, LONG) as rig:
        await works(rig)
        went_out_once(rig, await rig.finish(350), 350)


async def test_an_urgent_run_goes_out_too(dsn: str, any_engine: Engine | None) -> None:
    async with a_rig(dsn, any_engine, LONG, LONG) as rig:
        await works(rig)
        went_out_once(rig, await rig.finish(150, priority=1), 150)


@pytest.mark.parametrize("seed", range(3))
async def test_lost_doubled_and_reordered_references_change_nothing(
    dsn: str, engine: Engine, seed: int
) -> None:
    """Nobody looks here either: the lost are rung again."""
    dice = random.Random(seed)
    async with a_rig(dsn, engine, LONG, 0.5) as rig:
        rig.carrier = lambda: UnrulyDoorbell(engine.carrier(), dice)
        await works(rig)
        went_out_once(rig, await rig.finish(950), 950)


async def test_bells_that_ring_for_nothing_change_nothing(
    dsn: str, any_engine: Engine | None
) -> None:
    async with a_rig(dsn, any_engine, 0.5, 0.5) as rig:
        await works(rig)
        run = await rig.ready(350)
        rig.launch(run)
        for _ in range(50):
            rig.connection.execute("NOTIFY postroad_dispatch; NOTIFY postroad_prepare")
        await rig.until(run, "finished")
        went_out_once(rig, run, 350)


async def test_wiped_queues_are_filled_again_and_recovery_is_an_ordinary_start(
    dsn: str, engine: Engine
) -> None:
    async with a_rig(dsn, engine, LONG, 0.5) as rig:
        await works(rig)
        run = await rig.ready(350)
        await rig.stop_workers()
        rig.launch(run)
        rig.connection.execute("SELECT * FROM ring_due('dispatch', false, 9, 9, 30)")
        bell = engine.carrier()
        await bell.purge()
        await bell.close()
        await works(rig)
        await rig.until(run, "finished")
        went_out_once(rig, run, 350)


async def test_poison_goes_aside_once(dsn: str, engine: Engine) -> None:
    async with a_rig(dsn, engine, 0.5, 0.5) as rig:
        await works(rig)
        await rig.finish(10)
        engine.put("dispatch", b"no reference")
        engine.put("prepare", b'{"v":1,"run":1,"epoch":1,"batch":-1,"stage":"prepare"}')
        await rig.until_true("SELECT count(*) = 2 FROM journal WHERE kind = 'put_aside'")
        await rig.finish(10, campaign_id=2)
        assert rig.call("SELECT count(*) FROM journal WHERE kind = 'put_aside'") == (2,)
        assert len(engine.aside()) == 2


# References themselves.


def a_reference(batch: int) -> Reference:
    return Reference(RunId(1), 1, BatchId(batch), "dispatch")


async def heard_of(bell: Carrier, count: int) -> list[Heard]:
    """So many, as they are handed out."""
    came = asyncio.Event()
    got: list[Heard] = []
    listening = asyncio.create_task(bell.run(lambda _stage: came.set(), ["dispatch"]))
    async with asyncio.timeout(30):
        while len(got) < count:
            await came.wait()
            came.clear()
            while (heard := bell.take("dispatch")) is not None:
                got.append(heard)
    listening.cancel()
    return got


async def test_what_was_not_acked_comes_again(engine: Engine) -> None:
    first, second = engine.carrier(), engine.carrier()
    await first.ring([a_reference(1), a_reference(2)])
    for heard in await heard_of(first, 2):
        if heard.reference == a_reference(1):
            await heard.ack()
    await first.close()
    assert [each.reference for each in await heard_of(second, 1)] == [a_reference(2)]
    await second.close()


async def test_urgent_ones_are_handed_out_first(engine: Engine) -> None:
    bell = engine.carrier()
    await bell.ring([a_reference(1), a_reference(2)])
    await bell.ring([a_reference(3)], urgent=True)
    heard = asyncio.Semaphore(0)
    listening = asyncio.create_task(bell.run(lambda _stage: heard.release(), ["dispatch"]))
    async with asyncio.timeout(30):
        for _ in range(3):
            await heard.acquire()
    first = bell.take("dispatch")
    assert first is not None
    assert first.reference == a_reference(3)
    assert bell.take("dispatch", only_urgent=True) is None
    other = bell.take("dispatch")
    assert other is not None
    assert other.reference == a_reference(1)
    listening.cancel()
    await bell.close()


async def test_depth_counts_and_purge_drops_all(any_carrier: Callable[[], Carrier]) -> None:
    bell, other = any_carrier(), any_carrier()
    await bell.ring([a_reference(batch) for batch in range(5)])
    await bell.ring([a_reference(9)], urgent=True)
    assert await bell.depth("dispatch") == 5
    assert await bell.depth("dispatch", urgent=True) == 1
    assert await bell.depth("prepare") == 0
    # It is the broker's number, not that of who rang.
    assert await other.depth("dispatch") == 5
    await other.purge()
    assert await bell.depth("dispatch") == await bell.depth("dispatch", urgent=True) == 0
    for each in (bell, other):
        await each.close()


async def test_what_cannot_be_read_says_why(engine: Engine) -> None:
    bell = engine.carrier()
    await bell.depth("dispatch")  # The queue is there.
    engine.put("dispatch", b"{}")
    (heard,) = await heard_of(bell, 1)
    assert isinstance(heard.reference, Unreadable)
    await heard.put_aside()
    await heard.ack()
    assert engine.aside() == [b"{}"]
    await bell.close()
    other = engine.carrier()
    assert await other.depth("dispatch") == 0
    await other.close()
