"""One batch on its way out, window by window (P5, P6, P8, P11).

Only mails below the durable mark are ever begun. Outcomes are handed in with
the next window, or alone when there is none; they are never dropped.
"""

import asyncio
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from time import monotonic

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from postroad.core.lifecycle import FactKind
from postroad.core.mail import Mail
from postroad.core.outcome import Outcome, Phase, Verdict
from postroad.engine.budget import Budget
from postroad.engine.doubts import Doubt
from postroad.engine.facts import FactRow, fact_of
from postroad.engine.ledger.writing import Dot, Ledger
from postroad.engine.protocol import ClaimedBatch, LoadedMail, Protocol, WindowReport
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.shares import Lane

_log = structlog.get_logger()
_RECONNECT_SECONDS = 1.0
_PLACES = 256
"""More than a batch has."""
_TOLD = frozenset((Verdict.REJECTED, Verdict.DEAD, Verdict.UNKNOWN))
"""Logged mail by mail. Accepted and put off ones are many, and are in the journal."""
_REPORT_SECONDS = 0.5
"""Outcomes are handed in at least this often, so that progress is seen."""
_ASK_SECONDS = 0.2
"""So often a batch asks for tokens: a fifth of what a window may take ahead."""
_FULL_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 2.0
_SLOW_SECONDS = 1.0


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
    is_limited: bool = False
    """A rate binds it: its mails begin with tokens."""
    asks_at: float = 0.0
    """Asking for more before is in vain, by the monotonic clock,"""
    is_full: bool = False
    """unless with an outcome: so many are begun at once as may be."""
    tokens_until: float = 0.0
    """The last token is good until then."""
    turn_at: float = 0.0
    """Now, for all that one turn decides: what falls due meanwhile is the next one's."""
    moved_at: float = 0.0
    """When a mail was last offered or answered."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Until every mail is answered, or the batch is someone else's again."""
        self.upto = self.batch.started_upto
        self.moved_at = monotonic()
        try:
            while not self.is_over:
                self.turn_at = monotonic()
                self._withdraw_unbegun()
                if self._has_something_to_say():
                    await self._report()
                else:
                    await self._wait()
        finally:
            self.budget.in_progress.discard(self.serial)
            self.budget.give(len(self.out) + self._pending)

    # What the dispatcher says.

    def answer(self, mail: Mail, outcome: Outcome) -> None:
        """An outcome was read. An unbegun mail goes back to the queue."""
        self.moved_at = monotonic()
        place = self._came_back(mail)
        if outcome.verdict is Verdict.NOT_BEGUN:
            self.returned.append(place)
        else:
            fact = self._fact(place, outcome)
            self.ledger.replied(self.batch.run_id, self.batch.id, fact)
            self.facts.append(fact)
            if outcome.verdict in _TOLD:
                self._log(fact)
        self.changed.set()

    def _log(self, fact: FactRow) -> None:
        """What a person may ask about, by its numbers: the reply itself is in the journal."""
        say = _log.warning if fact.kind is FactKind.UNKNOWN else _log.info
        say(
            "mail_ended",
            outcome=fact.kind.value,
            run=self.batch.run_id,
            batch=self.batch.id,
            n=fact.n,
            attempt=fact.attempt,
            relay=fact.relay,
            code=fact.code,
            phase=fact.phase,
        )

    def doubt(self, mail: Mail, outcome: Outcome) -> Doubt:
        """What this deferral is once another mail passes."""
        verdict = outcome.once_another_passes or outcome.verdict
        fact = self._fact(mail.key % _PLACES, replace(outcome, verdict=verdict))
        return Doubt(self.batch.run_id, self.batch.id, fact)

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
        return bool(self._without_token()) or self._is_worth_a_report or self._step() > 0

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
        if self.is_interrupted or self.is_lost or self._has_enough(pending):
            return 0
        free = self.budget.room(pending)
        if not self._is_worth(free):
            return 0
        room = self.batch.window_size - len(self.out)
        return max(0, min(self.batch.size - self.upto, free, room))

    def _is_worth(self, mails: int) -> bool:
        """Half of the budget makes a window: the smaller it is, the dearer each of its mails.

        A quarter where many connections need the rest: each keeps two mails busy, one on its
        way and one behind it, also while a report is under way. Not for the first window of a
        batch while another goes on: outcomes read and not recorded, a part of a quarter for each
        batch, would be many together.
        """
        others = self.budget.in_progress - {self.serial}
        is_next = self.upto > self.batch.started_upto or not others
        return self.budget.is_half(mails * 2 if self._has_many and is_next else mails)

    @property
    def _has_many(self) -> bool:
        return self.pool.connections * 4 >= self.batch.window_size

    def _has_enough(self, pending: int) -> bool:
        """Too early to ask for more.

        Under a rate the tokens reach a second ahead, and more are asked for in
        time; else half of the window is to be answered, or a quarter (see `_is_worth`).
        """
        if self.is_full:
            return not pending and self.turn_at < self.asks_at
        if self.turn_at < self.asks_at:
            return True
        if self.is_limited:
            return len(self.out) * 2 > self.batch.window_size
        return len(self.out) > pending * (3 if self._has_many else 1)

    @property
    def _pending(self) -> int:
        """Mails below the mark whose outcome is read and not recorded."""
        return len(self.facts) + len(self.returned)

    async def _report(self) -> None:
        """Hand in what was read, and ask for more or give back. One transaction."""
        self.turn_at = monotonic()
        step, pending, spare = self._step(), self._pending, len(self._without_token())
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
            spare,
        )
        self.ledger.recorded(self.batch.run_id, facts)
        if report.status == "lost" and not self.is_lost:
            # The fence refused to take them back: that they never began is evidence.
            self.facts += [self._fact(place, _UNBEGUN) for place in returned]
            self.budget.take(len(returned))
        self.is_told = self.is_told or gives_back
        self._act_on(report)
        self._tell_progress()
        self.budget.settle(pending)
        self.budget.give(more)

    async def _tell(
        self, facts: list[FactRow], hi: int | None, unbegun: list[int] | None, spare: int
    ) -> WindowReport:
        """Told until the database has it. Facts may be told twice; a window may not.

        Whether a report that failed was committed is not known. Its repeat asks
        for nothing and hands back what the first may have granted: were it not
        granted, those places lie above the mark and nothing happens to them.
        """
        while True:
            try:
                return await self.protocol.report_window(self.batch, facts, hi, unbegun, spare)
            except (psycopg.OperationalError, PoolTimeout) as error:
                _log.warning(
                    "database_away", run=self.batch.run_id, batch=self.batch.id, cause=str(error)
                )
                await asyncio.sleep(_RECONNECT_SECONDS)
            if hi is not None:
                unbegun = [*(unbegun or ()), *range(self.upto + 1, hi + 1)]
                hi = None
            spare = 0

    def _tell_progress(self) -> None:
        goes_on = not (self.is_interrupted or self.is_lost)
        if goes_on and self.batch.started_upto < self.upto < self.batch.size:
            self.budget.in_progress.add(self.serial)
        else:
            self.budget.in_progress.discard(self.serial)

    def _act_on(self, report: WindowReport) -> None:
        match report.status:
            case "lost":
                self.is_lost = True
            case "back":
                self.is_interrupted = True
                self.is_told = True
        if report.wait_s is not None:
            self._wait_for_tokens(report.wait_s)
        if report.hi is not None and report.status != "lost":
            self._offer(report)
        rests = not (self.out or self.facts or self.returned)
        # An interruption that came while this report was under way is still to be told.
        is_back = self.is_interrupted and self.is_told
        self.is_over = report.status == "done" or (rests and (self.is_lost or is_back))

    def _wait_for_tokens(self, seconds: float) -> None:
        """Not so long with mails that are marked as begun: these go back."""
        self.is_full = seconds == 0
        self.asks_at = monotonic() + (seconds or _FULL_SECONDS)
        if seconds > _LONGEST_WAIT_SECONDS and (stale := self._stale_keys()):
            self.returned += [self._came_back(mail) for mail in self.pool.withdraw(stale)]

    def _offer(self, report: WindowReport) -> None:
        """Give the granted mails to the pool, with their tokens where a rate binds."""
        passed = set(report.passed or ())
        date = f"Date: {formatdate(self._moment())}\r\n".encode()
        places = range(report.lo or 1, (report.hi or 0) + 1)
        mails = [
            self._mail(key_of(self.serial, place), place, date)
            for place in places
            if place not in passed
        ]
        self.out.update(mail.key for mail in mails)
        self.budget.take(len(mails))
        self.upto = report.hi or self.upto
        self.moved_at = monotonic()
        lane = Lane(self.batch.lane, self.batch.is_urgent)
        if report.moments is None:
            if self.is_limited and report.status == "granted":
                # The rate is gone, and with it the tokens that some still wait for.
                self.pool.free(self.serial)
            self.pool.offer(mails, lane=lane)
            return
        self.is_limited = True
        tokens = [self.protocol.clock.own(moment) for moment in report.moments]
        life = report.life_s or 0.0
        self.tokens_until = max([self.tokens_until, *(moment + life for moment in tokens)])
        self.asks_at = monotonic() + _ASK_SECONDS
        self.pool.offer_limited(self.serial, mails, tokens, life, lane)

    # Limits.

    @property
    def is_slow(self) -> bool:
        """It would keep a slot for long: a limit binds it, or nobody answers."""
        return self.is_limited or monotonic() - self.moved_at > _SLOW_SECONDS

    def _moment(self) -> float | None:
        """Now, by the database's clock: this host's may be wrong."""
        return self.protocol.clock.moment(monotonic())

    def _stale_keys(self) -> set[int]:
        return set(self.pool.without_token(self.serial)) if self.is_limited else set()

    def _without_token(self) -> set[int]:
        """Mails whose token went by unused and for which it is time to ask for others."""
        if not self.is_limited or self.turn_at < self.asks_at:
            return set()
        return self._stale_keys()

    def _wakes_in(self) -> float | None:
        """By when to look again though nothing happened."""
        now = self.turn_at
        waits = [_REPORT_SECONDS] if self.facts else []
        if self.asks_at > now:
            waits.append(self.asks_at - now)
        elif self.is_limited and self.out:
            # A mail whose connection broke waits for another token, too.
            waits.append(self.tokens_until - now if self.tokens_until > now else _ASK_SECONDS)
        return min(waits, default=None)

    async def _wait(self) -> None:
        """Until something happened, or what was read is worth a report by its age."""
        if not self.out and not self.facts and self.upto >= self.batch.size:
            # Every mail is answered, yet the batch is not done: give it back.
            self.is_interrupted = True
            return
        self.changed.clear()
        try:
            async with asyncio.timeout(self._wakes_in()):
                await self.budget.or_freed(self.changed, self._is_worth)
        except TimeoutError:
            if self.facts:
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
        relay, lane = self.batch.relay_id, self.batch.lane
        return fact_of(item.n, item.attempt, relay, lane, outcome, self._moment())


_UNBEGUN = Outcome(Verdict.NOT_BEGUN, Phase.CONNECT, None, "Handed back before it began.", "")
