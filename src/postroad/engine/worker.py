"""A worker process: hears the doorbell, looks by itself, and works its stages."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from postroad.core.ids import WorkerId
from postroad.core.mail import RelayLoader, RevisionLoader
from postroad.engine.dispatch import Dispatcher
from postroad.engine.doorbell.hearing import Hearing
from postroad.engine.doorbell.port import STAGES, Bell, Carrier, Doorbell
from postroad.engine.heartbeat import Heartbeat, Pace
from postroad.engine.ledger.keeping import LedgerKeeper
from postroad.engine.lookup.turn import PolicyPlan, look_up
from postroad.engine.messages.exchanges import Exchanges
from postroad.engine.prepare import RevisionCache, prepare_one
from postroad.engine.protocol import Protocol, open_pool
from postroad.engine.scheduler import take_turn
from postroad.engine.select import select_one
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.tidying import Retention, tidy

_log = structlog.get_logger()
_POOL_SIZE = 8
_CANCEL_AGAIN_SECONDS = 0.5
_CONTROL_SECONDS = 1.0
"""An owner that missed the bell hears of a stop within this time (P11)."""


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """What a worker is handed by the composition root. Seconds all."""

    dsn: str
    version: str
    load_revision: RevisionLoader
    load_relay: RelayLoader
    doorbell: Doorbell
    exchanges: Exchanges | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)
    stages: tuple[str, ...] = ("select", "prepare", "dispatch")
    heartbeat_seconds: float = 10
    lease_seconds: float = 60
    guard_seconds: float = 30
    look_seconds: float = 5
    carrier: Carrier | None = None
    """What carries references; None: the database rings, and each worker looks."""
    ring_again_seconds: float = 30
    turn_seconds: float = 1
    retention: Retention = field(default_factory=Retention)
    tidy_seconds: float = 60
    policy: PolicyPlan = field(default_factory=PolicyPlan)
    slot: str = ""
    """Its place in the supervisor that started it; '': nobody starts another in its place."""
    ledgers: Path | None = None
    """Where this home's workers keep their ledgers; None: none is kept."""


class Worker:
    def __init__(self, plan: WorkerPlan) -> None:
        self._plan = plan
        self.id = WorkerId(uuid4())
        self._draining = asyncio.Event()
        self._hurried = asyncio.Event()
        self._bells = {bell: asyncio.Event() for bell in Bell}
        self._loop = asyncio.get_running_loop()
        self._heartbeat = Heartbeat(
            plan.dsn,
            self.id,
            plan.stages,
            plan.version,
            slot=plan.slot,
            pace=Pace(plan.heartbeat_seconds, plan.lease_seconds, plan.guard_seconds),
            figures=self._figures,
            asked_to_drain=self._asked_to_drain,
        )
        self._protocol = Protocol(open_pool(plan.dsn, _POOL_SIZE), self.id)
        self._hearing = Hearing(
            plan.carrier,
            self._protocol,
            plan.look_seconds,
            plan.ring_again_seconds,
            time.monotonic,
        )
        self._is_to_ring = asyncio.Event()
        self._keeper = LedgerKeeper(plan.ledgers, self._protocol)
        self._revisions = RevisionCache(plan.load_revision)
        self._dispatcher = Dispatcher(
            self._protocol,
            self._revisions,
            plan.load_relay,
            plan.timeouts,
            self._heartbeat,
        )
        self._dispatcher.has_room = self._has_room

    async def run(self) -> None:
        """Until told to drain; then hand back what is not begun and end."""
        structlog.contextvars.bind_contextvars(worker=str(self.id))
        self._hear_signals()
        self._heartbeat.start()
        await asyncio.to_thread(self._heartbeat.wait_for_first, 60.0)
        async with self._protocol.pool:
            _log.info("worker_started", stages=self._plan.stages)
            await self._open_ledger()
            loops = [asyncio.create_task(loop) for loop in self._loops()]
            draining = asyncio.create_task(self._draining.wait())
            await asyncio.wait((draining, *loops), return_when=asyncio.FIRST_COMPLETED)
            draining.cancel()
            ends = await _ended(loops)
            if self._plan.carrier is not None:
                await self._plan.carrier.close()
            await self._dispatcher.drain()
            self._dispatcher.ledger.close()
        await asyncio.to_thread(self._heartbeat.stop)
        _log.info("worker_ended")
        _raise_surprise(ends)

    async def patience_ended(self, grace_seconds: float) -> None:
        """Returns when a drain has taken so long, or somebody asked for it twice."""
        await self._draining.wait()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._hurried.wait()

    def drain(self) -> None:
        self._draining.set()

    def _told_to_end(self) -> None:
        if self._draining.is_set():
            self._hurried.set()
        self.drain()

    async def _open_ledger(self) -> None:
        """Before the first claim: what is sent before has no line."""
        while not await self._guarded(self._keeper.open):
            pass
        self._dispatcher.ledger = self._keeper.ledger

    def _asked_to_drain(self) -> None:
        """From the heartbeat's thread."""
        self._loop.call_soon_threadsafe(self.drain)

    def _hear_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError, RuntimeError):
                self._loop.add_signal_handler(number, self._told_to_end)

    def _figures(self) -> tuple[int, int]:
        return self._dispatcher.in_flight, self._dispatcher.done

    def _loops(self) -> list[Coroutine[object, object, None]]:
        stages = self._plan.stages
        loops: list[Coroutine[object, object, None]] = [
            self._listen(),
            self._every(self._plan.turn_seconds, None, self._turn),
            self._every(self._plan.look_seconds, None, self._keeper.turn),
            self._every(
                self._plan.tidy_seconds, None, lambda: tidy(self._protocol, self._plan.retention)
            ),
        ]
        if self._plan.carrier is not None:
            carried = [stage for stage in stages if stage in STAGES]
            loops += [self._plan.carrier.run(self._heard, carried), self._ring()]
        if self._plan.exchanges:
            loops.append(self._plan.exchanges.run(self._protocol))
        if "select" in stages:
            loops.append(
                self._stage(Bell.SELECT, lambda: select_one(self._protocol), self._disown("select"))
            )
        if "prepare" in stages:
            loops.append(self._stage(Bell.PREPARE, self._prepare, self._disown("prepare")))
        if "dispatch" in stages:
            loops.append(self._stage(Bell.DISPATCH, self._dispatch, self._dispatcher.disown))
            loops.append(self._every(_CONTROL_SECONDS, Bell.CONTROL, self._control))
            loops.append(self._every(self._plan.turn_seconds, None, self._look_up))
            loops.append(self._every(self._plan.turn_seconds, None, self._dispatcher.tell_answers))
        return loops

    def _disown(self, stage: str) -> Callable[[], Awaitable[object]]:
        """Between two looks these stages know of no claim."""
        return lambda: self._protocol.disown(stage, [])

    async def _listen(self) -> None:
        async for ring in self._plan.doorbell.listen():
            if ring.bell is Bell.DISPATCH:
                self._dispatcher.hear()
            if self._plan.carrier is not None and ring.bell in STAGES:
                self._is_to_ring.set()
            else:
                self._bells[ring.bell].set()

    def _has_room(self) -> None:
        self._hearing.made_room(Bell.DISPATCH)
        self._bells[Bell.DISPATCH].set()

    def _heard(self, stage: str) -> None:
        self._bells[Bell(stage)].set()

    async def _ring(self) -> None:
        """Each turn, and at once when the database says that something is due."""
        while True:
            self._is_to_ring.clear()
            await self._guarded(self._hearing.top_up)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._plan.turn_seconds):
                    await self._is_to_ring.wait()

    async def _stage(
        self,
        bell: Bell,
        work: Callable[[], Awaitable[bool]],
        disown: Callable[[], Awaitable[object]],
    ) -> None:
        """Work while there is something due, then sleep until the bell or the next look.

        After a fault a claim may be ours without our knowing: its answer was
        lost. It is given up before the next is made.
        """
        while True:
            self._bells[bell].clear()
            while (did := await self._guarded(work)) is True:
                pass
            if did is None:
                await self._guarded(lambda: _done(disown()))
                continue
            await self._guarded(lambda: self._rest(bell))

    async def _rest(self, bell: Bell) -> bool:
        seconds = self._plan.look_seconds
        if bell in STAGES:
            seconds = await self._hearing.seconds_to_sleep(bell)
        await self._sleep(bell, seconds)
        return True

    async def _every(
        self, seconds: float, bell: Bell | None, work: Callable[[], Awaitable[bool]]
    ) -> None:
        while True:
            if bell is not None:
                self._bells[bell].clear()
            changed = await self._guarded(work)
            if bell is not None or not changed:
                await self._sleep(bell, seconds)

    async def _sleep(self, bell: Bell | None, seconds: float) -> None:
        if bell is None:
            await asyncio.sleep(seconds)
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bells[bell].wait()

    async def _guarded(self, work: Callable[[], Awaitable[bool]]) -> bool | None:
        """What the work says; None when the database was away: wait and lose nothing."""
        try:
            return await work()
        except (psycopg.OperationalError, PoolTimeout, OSError) as error:
            _log.warning("database_away", cause=str(error))
            await asyncio.sleep(1)
            return None

    async def _prepare(self) -> bool:
        did = await prepare_one(self._protocol, self._revisions, self._hearing.claim)
        if not did:
            # Perhaps that was the last batch: do not let the manager wait.
            await self._turn()
        return did

    async def _dispatch(self) -> bool:
        await self._dispatcher.wait_for_room()
        did = await self._dispatcher.dispatch_one(self._hearing.claim)
        if not did and self._dispatcher.has_emptied():
            # Perhaps that was the last batch: the run ends with it, not a second later.
            await self._turn()
        return did

    async def _control(self) -> bool:
        await self._dispatcher.look_at_runs()
        return False

    async def _turn(self) -> bool:
        return await take_turn(self._protocol, self._plan.policy.after_seconds)

    async def _look_up(self) -> bool:
        return await look_up(self._protocol, self._plan.policy)


async def _ended(loops: Sequence[asyncio.Task[object]]) -> Sequence[object]:
    """Cancels until all have ended; what each ended with.

    `asyncio.wait_for`, which the database's driver waits with, swallows a
    cancellation that comes in the moment of its answer: once is not enough.
    """
    while open_loops := [loop for loop in loops if not loop.done()]:
        for loop in open_loops:
            loop.cancel()
        await asyncio.wait(open_loops, timeout=_CANCEL_AGAIN_SECONDS)
    return await asyncio.gather(*loops, return_exceptions=True)


async def _done(work: Awaitable[object]) -> bool:
    await work
    return True


def _raise_surprise(ends: Sequence[object]) -> None:
    """A loop that ended by itself had a fault of ours: the process ends with it."""
    for end in ends:
        if isinstance(end, Exception):
            raise end
