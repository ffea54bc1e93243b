"""The third stage: due batches are claimed and go out, several at a time."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from itertools import count

import psycopg
import structlog
import zstandard
from psycopg_pool import PoolTimeout

from postroad.core.ids import RelayId, RunId
from postroad.core.mail import Mail, RelayLoader, RelayUnusable
from postroad.core.outcome import Outcome, Verdict
from postroad.engine.answers import Answers
from postroad.engine.budget import Budgets
from postroad.engine.doubts import Doubt, Doubts
from postroad.engine.heartbeat import Heartbeat
from postroad.engine.ledger.writing import Ledger, NoLedger
from postroad.engine.prepare import RevisionCache
from postroad.engine.protocol import Claim, ClaimedBatch, Protocol, Room
from postroad.engine.relays import RelayPools
from postroad.engine.sending import Load, Sending, serial_of
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.shares import OTHER_LANE
from postroad.engine.smtp.timeouts import Timeouts

_log = structlog.get_logger()
MOST_BATCHES = 4
"""At work at once, those of slow lanes apart: these would hold all for as long as they like."""
MOST_URGENT_BATCHES = 1
"""Beside as many of others as may be: an urgent run waits for no batch to end."""
MOST_SLOW_BATCHES = 2
"""Of one slow lane: while the last mails of one wait, the next has its tokens already."""
MOST_IN_ALL = 12
"""Slow ones too; urgent ones are counted apart."""
RELAY_PAUSE_SECONDS = 15.0
_LATER_SECONDS = 15.0
_AWAY_SECONDS = 1.0
_LOOK_SECONDS = 0.5
_URGENT_SECONDS = 1.0
"""So often a worker that has no other room asks for an urgent batch, if nothing rings."""


class Dispatcher:
    """Claims batches while it may and sees each through."""

    def __init__(
        self,
        protocol: Protocol,
        revisions: RevisionCache,
        load_relay: RelayLoader,
        timeouts: Timeouts,
        heartbeat: Heartbeat,
    ) -> None:
        self.ledger: Ledger = NoLedger()
        """Set by the worker before the first claim, where one is kept."""
        self._protocol = protocol
        self._revisions = revisions
        self._clock = asyncio.get_running_loop().time
        self._budgets = Budgets(self._clock)
        self._is_rung = False
        self._ask_at = 0.0
        self.has_room: Callable[[], None] = lambda: None
        """Called when a batch has ended."""
        self._heartbeat = heartbeat
        self._answers = Answers()
        self._pools = RelayPools(
            load_relay,
            timeouts,
            self._answer,
            self._refused,
            heartbeat.may_begin,
            self._about_to_dot,
            self._answers.note,
        )
        self._serials = count(1)
        self._sendings: dict[int, Sending] = {}
        self._has_ended = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped_relays: set[RelayId] = set()
        self._doubts = Doubts(self._settle)
        self._telling = asyncio.Lock()
        self.done = 0
        """Mails answered since the start."""
        self._changed = asyncio.Event()
        self._failure: BaseException | None = None

    @property
    def in_flight(self) -> int:
        return self._pools.in_flight

    @property
    def runs(self) -> list[RunId]:
        return sorted({sending.batch.run_id for sending in self._sendings.values()})

    def has_emptied(self) -> bool:
        """Whether the last batch held here has ended since this was asked last."""
        has_ended, self._has_ended = self._has_ended and not self._sendings, False
        return has_ended

    def hear(self) -> None:
        """Something fell due, perhaps an urgent batch."""
        self._is_rung = True
        self._changed.set()

    async def wait_for_room(self) -> None:
        """Until another batch may be claimed and begun, or an urgent one asked for.

        Raises what a batch died of.
        """
        while self._failure is None and not (self._has_room or self._may_ask_for_urgent):
            self._changed.clear()
            # By then a batch may have proved slow, which makes room.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_SECONDS):
                    await self._changed.wait()
        if self._failure is not None:
            raise self._failure

    @property
    def _has_room(self) -> bool:
        return self._budgets.are_free and self._has_slot(urgent=False)

    @property
    def _may_ask_for_urgent(self) -> bool:
        is_time = self._is_rung or self._clock() >= self._ask_at
        return is_time and self._has_slot(urgent=True)

    def _has_slot(self, *, urgent: bool) -> bool:
        held = self._sendings.values()
        quick = sum(not each.is_slow for each in held)
        alike = sum(each.batch.is_urgent == urgent for each in held)
        return quick < MOST_BATCHES + MOST_URGENT_BATCHES * urgent and alike < MOST_IN_ALL

    def _room(self) -> Room:
        self._is_rung, self._ask_at = False, self._clock() + _URGENT_SECONDS
        return Room(
            self._slow_lanes(urgent=False) if self._has_room else None,
            self._slow_lanes(urgent=True) if self._has_slot(urgent=True) else None,
        )

    def _slow_lanes(self, *, urgent: bool) -> list[str]:
        """Lanes of which no further batch is claimed for now."""
        held = (each for each in self._sendings.values() if each.batch.is_urgent == urgent)
        slow = Counter(each.batch.lane for each in held if each.is_slow)
        return [lane for lane, batches in slow.items() if batches >= MOST_SLOW_BATCHES]

    async def dispatch_one(self, claim: Claim) -> bool:
        """Claim one due batch and begin to send it. False: nothing was due."""
        if not self._heartbeat.may_begin():
            return False
        room = self._room()
        batch = await claim("dispatch", room)
        if batch is None:
            # Of others nobody knows: these were not asked for.
            return room.is_urgent_only
        try:
            sending = await self._load(batch)
        except RelayUnusable as unusable:
            await self._protocol.stop_relay(batch.relay_id, None, str(unusable))
            await self._protocol.give_back(batch, _LATER_SECONDS)
            return True
        self._sendings[sending.serial] = sending
        self._make_way()
        self._start(self._see_through(sending))
        return True

    async def disown(self) -> None:
        """Give up claims that we do not know of; to be called while none is made."""
        known = [sending.batch for sending in self._sendings.values()]
        await self._protocol.disown("dispatch", known)

    async def _load(self, batch: ClaimedBatch) -> Sending:
        """Bring the bytes of all items, from the batches where they lie."""
        if batch.lane == OTHER_LANE and (moved := await self._protocol.split_promoted(batch)):
            batch = replace(batch, size=batch.size - moved)
        loaded = await self._protocol.load_mails(batch)
        bodies = await self._protocol.load_bodies(sorted({mail.source for mail in loaded}))
        unzip = zstandard.ZstdDecompressor().decompress
        plain = {source: unzip(body) for source, body in bodies.items()}
        heads = {
            mail.place: plain[mail.source][mail.head_offset : mail.head_offset + mail.head_length]
            for mail in loaded
        }
        tail = (await self._revisions.get(batch.revision_id)).tail
        load = Load({mail.place: mail for mail in loaded}, heads, tail)
        pool = await self._pools.get(batch.relay_id)
        budget = self._budgets.of(batch.lane, is_urgent=batch.is_urgent)
        serial = next(self._serials)
        return Sending(batch, load, self._protocol, pool, budget, serial, self.ledger)

    async def _see_through(self, sending: Sending) -> None:
        try:
            await sending.run()
        finally:
            del self._sendings[sending.serial]
            self._has_ended = True
            self._make_way()
            self._changed.set()
            self.has_room()

    def _make_way(self) -> None:
        held = self._sendings.values()
        self._budgets.make_way(is_urgent_here=any(each.batch.is_urgent for each in held))

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._failure = error
            self._changed.set()

    # What the worker says.

    async def look_at_runs(self) -> None:
        """Begin no further mail of a run that does not run any more, nor of a purged queue.

        Nor any with a heartbeat too old: the unbegun go back as in a pause.
        """
        if not self._heartbeat.may_begin():
            for sending in self._sendings.values():
                sending.interrupt()
            if not self._sendings:
                self._heartbeat.forget_gap()
            return
        held = list(self._sendings.values())
        if not held:
            return
        going = await self._protocol.may_go_on([sending.batch.id for sending in held])
        for sending in held:
            if sending.batch.id not in going:
                sending.interrupt()

    async def tell_answers(self) -> bool:
        """How quickly relays answered, for the metrics. False, as a turn without news."""
        return await self._answers.tell(self._protocol)

    async def drain(self) -> None:
        """Hand back all that is not begun and see the rest answered."""
        for sending in list(self._sendings.values()):
            sending.interrupt()
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._pools.close()
        await self._tell(lambda: self._answers.tell(self._protocol))

    # What the pools say.

    def _about_to_dot(self, mail: Mail) -> bool:
        return self._sendings[serial_of(mail.key)].about_to_dot(mail)

    def _answer(self, mail: Mail, outcome: Outcome) -> None:
        sending = self._sendings[serial_of(mail.key)]
        sending.answer(mail, outcome)
        self.done += outcome.verdict is not Verdict.NOT_BEGUN
        relay = sending.batch.relay_id
        if outcome.once_another_passes:
            self._doubts.keep(relay, sending.doubt(mail, outcome))
        elif outcome.verdict is Verdict.ACCEPTED:
            self._passed(relay)

    def _passed(self, relay: RelayId) -> None:
        self._doubts.passed(relay)
        if relay in self._stopped_relays:
            self._stopped_relays.discard(relay)
            self._start(self._tell(lambda: self._protocol.start_relay(relay)))

    def _settle(self, doubt: Doubt) -> None:
        self._start(self._tell(lambda: self._protocol.record(doubt.run, doubt.batch, [doubt.fact])))

    def _refused(self, relay: RelayId, refusal: RelayRefusal) -> None:
        _log.warning("relay_refused", relay=relay, phase=refusal.phase.value, text=refusal.text)
        self._stopped_relays.add(relay)
        if refusal.needs_person:
            self._doubts.stopped(relay)
        pause = None if refusal.needs_person else RELAY_PAUSE_SECONDS
        self._start(self._tell(lambda: self._protocol.stop_relay(relay, pause, refusal.text)))

    async def _tell(self, call: Callable[[], Awaitable[object]]) -> None:
        """What was seen of a relay, in order, however long the database is away or full."""
        async with self._telling:
            while True:
                try:
                    await call()
                    return
                except (psycopg.OperationalError, PoolTimeout) as error:
                    _log.warning("database_away", cause=str(error))
                    await asyncio.sleep(_AWAY_SECONDS)
