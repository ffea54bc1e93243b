"""The workers of the state machine: what a doorbell hands them, and claims that come to grief."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import (
    AbstractContextManager,
    ExitStack,
    asynccontextmanager,
    contextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from celery.exceptions import Reject
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from postroad.core.ids import WorkerId
from postroad.core.lifecycle import FactKind
from postroad.engine.doorbell.celery import Host
from postroad.engine.doorbell.celery_queues import ASIDE, CeleryDoorbell, make_app, stage_queue
from postroad.engine.doorbell.consumer import PREFETCH
from postroad.engine.doorbell.hearing import Hearing
from postroad.engine.doorbell.port import STAGES, Carrier, Heard, Reference, Unreadable
from postroad.engine.facts import FactRow
from postroad.engine.protocol import ALL, ClaimedBatch, Pool, Protocol, Room
from tests.model import postgres_stage
from tests.model.driver import Person
from tests.model.postgres_driver import CONNECTIONS, PostgresDriver

from .engines import Engine, in_memory, over_rabbitmq

PATIENCE_SECONDS = 30.0


@dataclass
class Books:
    """What the schedule did with references: so it knows when the broker has nothing under way."""

    outstanding: Counter[str] = field(default_factory=Counter)
    """By stage: rung, and neither acked nor wiped."""
    rung: dict[Reference, None] = field(default_factory=dict)
    """In order."""

    async def settle(self, desk: "Hands", hands: "list[Hands]") -> None:
        """Until each reference is where it stays: in somebody's hands, or all hands are full."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not await self._is_settled(desk, hands):  # noqa: ASYNC110 - no bell rings.
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(f"not as in the books: {self.outstanding}") from None

    async def _is_settled(self, desk: "Hands", hands: "list[Hands]") -> bool:
        for stage in STAGES:
            waiting = await desk.depth(stage)
            for each in hands:
                each.collect(stage)
            held = sum(len(each.held[stage]) for each in hands)
            has_room = not all(each.is_full(stage) for each in hands)
            if waiting + held != self.outstanding[stage] or (waiting and has_room):
                return False
        return True

    def wipe(self, hands: "list[Hands]") -> list[Reference | Unreadable]:
        """Nothing waits any more; what is held is what there is."""
        self.outstanding = Counter(
            stage for each in hands for stage, held in each.held.items() for _ in held
        )
        return [reference for each in hands for reference in each.references()]


class Hands:
    """A carrier around the engine's own, which keeps what came until somebody takes it."""

    def __init__(self, carrier: Carrier, books: Books) -> None:
        self.rings_backwards = False
        self.held: dict[str, dict[object, Heard]] = {stage: {} for stage in STAGES}
        """Handed out and not acked."""
        self._untaken: dict[str, list[Heard]] = {stage: [] for stage in STAGES}
        self._books = books
        self._carrier = carrier
        self._most = 1 if isinstance(carrier, CeleryByHand) else PREFETCH
        self.run, self.depth, self.purge = carrier.run, carrier.depth, carrier.purge
        self.close = carrier.close

    def is_full(self, stage: str) -> bool:
        return len(self.held[stage]) >= self._most

    def collect(self, stage: str) -> None:
        while not self.is_full(stage) and (heard := self._carrier.take(stage)) is not None:
            token = object()
            self.held[stage][token] = heard
            self._untaken[stage].append(replace(heard, ack=self._ack(stage, token, heard)))

    def _ack(self, stage: str, token: object, heard: Heard) -> Callable[[], Awaitable[None]]:
        async def ack() -> None:
            await heard.ack()
            if self.held[stage].pop(token, None):
                self._books.outstanding[stage] -= 1

        return ack

    def references(self) -> list[Reference | Unreadable]:
        """Of what was handed out and not acked."""
        return [heard.reference for each in self.held.values() for heard in each.values()]

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        if only_urgent or not self._untaken[stage]:
            return None
        return self._untaken[stage].pop(0)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        rung = list(references)
        if self.rings_backwards:
            rung.reverse()
        await self._carrier.ring(rung, urgent=urgent)
        self._books.rung.update(dict.fromkeys(rung))
        self._books.outstanding.update(each.stage for each in rung)


class Died(Exception):
    """The worker is gone at this moment."""


class Fate(Enum):
    """What becomes of the next claim that finds a batch."""

    ROLLED_BACK = "a claim rolled back"
    DEADLY = "a death after the commit, before the ack"


class Faltering(Protocol):
    """The protocol itself, a claim of which comes to its fate."""

    fate: Fate | None = None
    answers: Reference | None = None
    """What the last claim answered; None: it was a look."""

    def meet(self, fate: Fate | None) -> None:
        self.fate = fate

    async def claim_rung(self, rung: Reference, room: Room = ALL) -> ClaimedBatch | None:
        self.answers = rung
        return await self._claim(lambda protocol: protocol.claim_rung(rung, room))

    async def claim_batch(self, stage: str, room: Room = ALL) -> ClaimedBatch | None:
        self.answers = None
        return await self._claim(lambda protocol: protocol.claim_batch(stage, room))

    async def _claim(
        self, claim: Callable[[Protocol], Awaitable[ClaimedBatch | None]]
    ) -> ClaimedBatch | None:
        pool = _Aborting(self.pool) if self.fate is Fate.ROLLED_BACK else self.pool
        claimed = await claim(Protocol(cast("Pool", pool), self.worker))
        if claimed is None or self.fate is None:
            return claimed
        fate, self.fate = self.fate, None
        raise Died if fate is Fate.DEADLY else psycopg.OperationalError("before the commit")


class _Aborting:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[psycopg.AsyncConnection[DictRow]]:
        async with self._pool.connection() as line, line.transaction(force_rollback=True):
            yield line


@dataclass
class Held:
    """A batch in hand, and the mails whose replies were read and not yet reported."""

    batch: ClaimedBatch
    accepted: list[FactRow] = field(default_factory=list)


class Worker:
    """`hands` is None where the database is the queue."""

    def __init__(
        self, number: int, driver: PostgresDriver, pool: Pool, hands: Hands | None
    ) -> None:
        self.number = number
        self.hands = hands
        self.protocol = Faltering(pool, WorkerId(UUID(int=number)))
        sweep = driver.limits.ring_again
        # Its first look is due in years.
        self.hearing = Hearing(hands, self.protocol, 1e9, sweep, lambda: driver.now() - 1e9)
        self._driver = driver
        self.holds: list[Held] = []
        self._listening = asyncio.create_task(hands.run(_nothing, STAGES)) if hands else None

    async def prepare(self, batch: ClaimedBatch) -> None:
        loaded = await self.protocol.load_recipients(batch)
        found = {each.n: FactKind.PREPARED for each in loaded}
        assert self._driver.prepare(self.number, batch.id, batch.claim, found)

    async def open_window(self, held: Held) -> list[tuple[int, int]]:
        """Report what was accepted and begin what is granted; the mails that are begun."""
        batch = held.batch
        report = await self.protocol.report_window(batch, held.accepted, batch.size, None)
        held.accepted = []
        if report.status != "granted":
            assert report.status == "done"
            self.holds.remove(held)
            return []
        assert report.lo is not None
        assert report.hi is not None
        for mail in await self.protocol.load_mails(batch):
            if report.lo <= mail.place <= report.hi and mail.place not in (report.passed or ()):
                fact = FactRow(n=mail.n, attempt=mail.attempt, kind=FactKind.ACCEPTED)
                held.accepted.append(fact)
        return [(batch.run_id, fact.n) for fact in held.accepted]

    def has_heard(self, stage: str) -> bool:
        return self.hands is not None and bool(self.hands.held[stage])

    def must_not_have_acked(self) -> None:
        """What it answered when its claim came to grief."""
        answered = self.protocol.answers
        if self.hands is not None and answered is not None:
            assert answered in self.hands.references(), f"{answered} is acked"

    async def leave(self) -> None:
        """What was handed out and not acked is handed to others."""
        if self.hands is not None and self._listening is not None:
            self._listening.cancel()
            with suppress(asyncio.CancelledError):
                await self._listening
            await self.hands.close()


def _nothing(_stage: str) -> None:
    """The schedule looks into the hands itself."""


class CeleryByHand(CeleryDoorbell):
    """One process of `celery worker`: a call at a time of each task, acked when it returns."""

    def __init__(self, url: str) -> None:
        app = make_app(f"celery+{url}")
        super().__init__(app)
        self._host = _HostByHand(self)
        self._threads = ThreadPoolExecutor(len(STAGES))
        self._calls: dict[str, tuple[Any, Future[None]]] = {}
        self._reading = app.connection_for_read()

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        if stage not in self._calls:
            self._call(stage)
        heard = super().take(stage, only_urgent=only_urgent)
        return heard and replace(heard, ack=lambda: self._ack(stage, heard))

    def _call(self, stage: str) -> None:
        queue = stage_queue(stage, urgent=False)(self._reading.default_channel)
        queue.declare()
        if (message := queue.get(accept=["json"])) is not None:
            (whole,), _named, _chain = message.payload
            body = json.dumps(whole).encode()
            call = self._threads.submit(self._host.hear, stage, body, urgent=False)
            self._calls[stage] = message, call

    async def _ack(self, stage: str, heard: Heard) -> None:
        await heard.ack()
        message, call = self._calls.pop(stage)
        await asyncio.wrap_future(call)
        message.ack()

    async def close(self) -> None:
        self._reading.release()
        while not all(call.done() for _, call in self._calls.values()):
            self._host.leave()
            await asyncio.sleep(0.001)
        self._threads.shutdown()
        await super().close()


class _HostByHand(Host):
    """Its worker is one of the state machine."""

    def __init__(self, bell: CeleryDoorbell) -> None:
        super().__init__()
        self._bell = bell
        self._loop = asyncio.get_running_loop()
        self._is_up.set()

    def start(self, **_of_signal: object) -> None:
        """It is there already."""

    def leave(self) -> None:
        for answered in list(self._waiting):
            if not answered.done():
                answered.set_exception(Reject("The worker ends.", requeue=True))


@contextmanager
def over_celery(url: str) -> Iterator[Engine]:
    app = make_app(f"celery+{url}")
    with app.connection_for_write() as line:

        def put(stage: str, body: bytes) -> None:
            queue = stage_queue(stage, urgent=False)
            app.send_task(
                f"postroad.{stage}", args=[body.decode()], connection=line,
                exchange=queue.exchange.name, routing_key=queue.routing_key, declare=[queue],
            )  # fmt: skip

        def aside() -> list[bytes]:
            queue = ASIDE(line.default_channel)
            queue.declare()
            found = []
            while (message := queue.get(no_ack=True)) is not None:
                found.append(cast("bytes", message.body))
            return found

        yield Engine(lambda: CeleryByHand(url), put, aside)


@contextmanager
def over_a_broker(
    request: pytest.FixtureRequest, over: Callable[[str], AbstractContextManager[Engine]]
) -> Iterator[Engine]:
    """In a virtual host of its own."""
    with request.getfixturevalue("rabbitmq").vhost() as url, over(url) as engine:
        yield engine


ENGINES: dict[str, Callable[[Any], AbstractContextManager[Engine | None]]] = {
    "postgresql": lambda _: nullcontext(),
    "memory": lambda _: in_memory(),
    "rabbitmq": lambda request: over_a_broker(request, over_rabbitmq),
    "celery": lambda request: over_a_broker(request, over_celery),
}


@dataclass
class Stage:
    """The model's: a database whose clock stands still, for its driver and for the workers."""

    driver: PostgresDriver
    pool: Pool
    loop: asyncio.Runner
    engine: Callable[[], AbstractContextManager[Engine | None]]
    met: Counter[str] = field(default_factory=Counter)
    """What all schedules came upon."""

    def afresh(self) -> PostgresDriver:
        self.driver = self.driver.afresh()
        return self.driver

    def make_run(self, people: int, worker: int) -> None:
        """Verified and selected."""
        campaign = 1 + len(self.driver.tables().runs)
        addresses = [f"p{campaign}-{k}@{'ab'[k % 2]}.example" for k in range(people)]
        self.driver.verify(campaign, [Person(each, "") for each in addresses], urgent=False)
        found = self.driver.claim_run(worker)
        assert found is not None
        assert self.driver.select(worker, *found)


@contextmanager
def a_stage(
    dsn: str, engine: Callable[[], AbstractContextManager[Engine | None]]
) -> Iterator[Stage]:
    postgres_stage.set_stage(dsn, has_own_clock=True)
    path = '-c search_path=stage,pg_catalog,"$user",public -c jit=off'
    kwargs = {"autocommit": True, "row_factory": dict_row}
    pool: Pool = AsyncConnectionPool(
        make_conninfo(dsn, options=path), kwargs=kwargs, min_size=1, max_size=2, open=False
    )
    with ExitStack() as stack:
        lines = [postgres_stage.enter(dsn, has_own_clock=True) for _ in range(1 + CONNECTIONS)]
        driver = PostgresDriver([stack.enter_context(line) for line in lines])
        loop = stack.enter_context(asyncio.Runner())
        loop.run(pool.open())
        stack.callback(lambda: loop.run(pool.close()))
        yield Stage(driver, pool, loop, engine)
