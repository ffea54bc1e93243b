"""One batch on its way out, window by window (P5, P6, P8, P11).

Only mails below the durable mark are ever begun. Outcomes are handed in with
the next window, or alone when there is none; they are never dropped.
"""

import asyncio
from dataclasses import dataclass, field
from email.utils import formatdate

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from postroad.core.mail import Mail
from postroad.core.outcome import Outcome, Phase, Verdict
from postroad.engine.budget import Budget
from postroad.engine.facts import FactRow, fact_of
from postroad.engine.ledger.writing import Dot, Ledger
from postroad.engine.protocol import ClaimedBatch, LoadedMail, Protocol, WindowReport
from postroad.engine.smtp.pool import Pool

_log = structlog.get_logger()
_RECONNECT_SECONDS = 1.0
_PLACES = 256
"""More than a batch has."""
_REPORT_SECONDS = 0.5
"""Outcomes are handed in at least this often, so that progress is seen."""


def key_of(serial: int, place: int) -> int:
    """A mail's name in the pool: its batch's number in this worker, and its place."""
    return serial * _PLACES + place


def serial_of(key: int) -> int:
    return key // _PLACES


@dataclass(frozen=True, slots=True)
class Load:
    """What goes out: by place in the batch, from 1."""

    mails: dict[int, LoadedMail]
    heads: dict[int, bytes]
    tail: bytes


@dataclass(eq=False, slots=True)
class Sending:
    """A batch as its owner remembers it. `serial` is its number in this worker."""

    batch: ClaimedBatch
    load: Load
    protocol: Protocol
    pool: Pool
    budget: Budget
    serial: int
    ledger: Ledger
    upto: int = 0
    out: set[int] = field(default_factory=set)
    """Keys of mails offered to the pool and not yet answered, see `key_of`."""
    facts: list[FactRow] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    """Places that came back unbegun."""
    is_interrupted: bool = False
    """Begin nothing more: the run does not run, the relay is out, we drain."""
    is_told: bool = False
    """The interruption has reached the database."""
    is_lost: bool = False
    """The batch is no longer ours; what we read is evidence."""
    is_over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until every mail is answered, or the batch is someone else's again."""
        self.upto = self.batch.started_upto
        try:
            while not self.is_over:
                self._withdraw_unbegun()
                if self._has_something_to_say():
                    await self._report()
                else:
                    await self._wait()
        finally:
            self.budget.give(len(self.out) + self._pending)

    # What the dispatcher says.

    def answer(self, mail: Mail, outcome: Outcome) -> None:
        """An outcome was read. An unbegun mail goes back to the queue."""
        place = self._came_back(mail)
        if outcome.verdict is Verdict.NOT_BEGUN:
            self.returned.append(place)
        else:
            fact = self._fact(place, outcome)
            self.ledger.replied(self.batch.run_id, self.batch.id, fact)
            self.facts.append(fact)
        self.changed.set()

    def about_to_dot(self, mail: Mail) -> bool:
        batch, place = self.batch, mail.key % _PLACES
        item = self.load.mails[place]
        return self.ledger.dot(
            Dot(batch.run_id, item.n, item.attempt, batch.id, batch.claim, place)
        )

    def interrupt(self) -> None:
        self.is_interrupted = True
        self.changed.set()

    # The steps.

    def _withdraw_unbegun(self) -> None:
        if self.out and (self.is_interrupted or self.is_lost):
            for mail in self.pool.withdraw(self.out):
                self.returned.append(self._came_back(mail))

    def _has_something_to_say(self) -> bool:
        if self.returned or (self.is_interrupted and not self.is_told):
            return True
        if self.is_interrupted or self.is_lost:
            return bool(self.facts)
        return self._is_worth_a_report or self._step() > 0

    @property
    def _is_worth_a_report(self) -> bool:
        """Nothing more will be read, or what was read keeps half the budget from others."""
        return bool(self.facts) and (not self.out or self._is_worth(len(self.facts)))

    def _step(self) -> int:
        """By how much to raise the mark now: whenever half of the window is answered.

        What this report hands in is settled in the same transaction, so its
        share of the budget is free for this step, and for no other batch yet.
        """
        pending = self._pending
        if self.is_interrupted or self.is_lost or len(self.out) > pending:
            return 0
        if not self._is_worth(self.budget.free + pending):
            return 0
        room = self.batch.window_size - len(self.out)
        return max(0, min(self.batch.size - self.upto, self.budget.free + pending, room))

    def _is_worth(self, mails: int) -> bool:
        """Half of the budget makes a window; a quarter where many connections need the rest.

        Each keeps two mails busy, one on its way and one behind it, also while a
        report is under way.
        """
        has_many = self.pool.connections * 4 >= self.batch.window_size
        return self.budget.is_half(mails * 2 if has_many else mails)

    @property
    def _pending(self) -> int:
        """Mails below the mark whose outcome is read and not recorded."""
        return len(self.facts) + len(self.returned)

    async def _report(self) -> None:
        """Hand in what was read, and ask for more or give back. One transaction."""
        step, pending = self._step(), self._pending
        facts, self.facts = self.facts, []
        returned, self.returned = sorted(self.returned), []
        if self.is_lost:
            facts += [self._fact(place, _UNBEGUN) for place in returned]
        gives_back = self.is_interrupted or bool(returned)
        more = max(0, step - pending)
        self.budget.take(more)
        report = await self._tell(
            facts,
            self.upto + step if step and not gives_back else None,
            returned if gives_back else None,
        )
        self.ledger.recorded(self.batch.run_id, facts)
        if report.status == "lost" and not self.is_lost:
            # The fence refused to take them back: that they never began is evidence.
            self.facts += [self._fact(place, _UNBEGUN) for place in returned]
            self.budget.take(len(returned))
        self._act_on(report)
        self.budget.settle(pending)
        self.budget.give(more)
        self.is_told = self.is_told or gives_back

    async def _tell(
        self, facts: list[FactRow], hi: int | None, unbegun: list[int] | None
    ) -> WindowReport:
        """Told until the database has it. Facts may be told twice; a window may not.

        Whether a report that failed was committed is not known. Its repeat asks
        for nothing and hands back what the first may have granted: were it not
        granted, those places lie above the mark and nothing happens to them.
        """
        while True:
            try:
                return await self.protocol.report_window(self.batch, facts, hi, unbegun)
            except (psycopg.OperationalError, PoolTimeout) as error:
                _log.warning("database_away", batch=self.batch.id, cause=str(error))
                await asyncio.sleep(_RECONNECT_SECONDS)
            if hi is not None:
                unbegun = [*(unbegun or ()), *range(self.upto + 1, hi + 1)]
                hi = None

    def _act_on(self, report: WindowReport) -> None:
        match report.status:
            case "lost":
                self.is_lost = True
            case "back":
                self.is_interrupted = True
                self.is_told = True
        if report.hi is not None and report.status != "lost":
            self._offer(report)
        rests = not (self.out or self.facts or self.returned)
        self.is_over = report.status == "done" or (rests and (self.is_lost or self.is_interrupted))

    def _offer(self, report: WindowReport) -> None:
        """Give the granted mails to the pool, each with its moment."""
        passed = set(report.passed or ())
        now = asyncio.get_running_loop().time()
        moment = report.first_in or 0.0
        date = f"Date: {formatdate()}\r\n".encode()
        for place in range(report.lo or 1, (report.hi or 0) + 1):
            if place in passed:
                continue
            key = key_of(self.serial, place)
            self.out.add(key)
            self.budget.take(1)
            self.pool.offer([self._mail(key, place, date)], now + moment)
            moment += report.step_s or 0.0
        self.upto = report.hi or self.upto

    async def _wait(self) -> None:
        """Until something happened, or what was read is worth a report by its age."""
        if not self.out and not self.facts and self.upto >= self.batch.size:
            # Every mail is answered, yet the batch is not done: give it back.
            self.is_interrupted = True
            return
        self.changed.clear()
        try:
            async with asyncio.timeout(_REPORT_SECONDS if self.facts else None):
                await self.budget.or_freed(self.changed)
        except TimeoutError:
            await self._report()

    def _came_back(self, mail: Mail) -> int:
        self.out.remove(mail.key)
        return mail.key % _PLACES

    def _mail(self, key: int, place: int, date: bytes) -> Mail:
        item = self.load.mails[place]
        head = date + self.load.heads.pop(place)
        pieces = (head, self.load.tail) if self.load.tail else (head,)
        return Mail(key, self.batch.sender_address, item.address, pieces, item.size + len(date))

    def _fact(self, place: int, outcome: Outcome) -> FactRow:
        item = self.load.mails[place]
        return fact_of(item.n, item.attempt, self.batch.relay_id, self.batch.lane, outcome)


_UNBEGUN = Outcome(Verdict.NOT_BEGUN, Phase.CONNECT, None, "Handed back before it began.", "")
