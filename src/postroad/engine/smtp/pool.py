"""Keeps as many sessions to one relay busy as it may have, from one line of mails."""

import asyncio
from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from math import ceil
from time import monotonic

from postroad.core.mail import Mail, RelayTarget
from postroad.core.outcome import Outcome, Phase, Reply, Verdict, asks_to_slow_down
from postroad.engine.smtp.domains import DomainShares
from postroad.engine.smtp.member import Member
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.session import EndKind, Report, Session, SessionEnd
from postroad.engine.smtp.shares import Lane, LaneShares
from postroad.engine.smtp.streak import ALIKE, Streak
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.smtp.waiting import NO_LANE, Entry, WaitingLine

MOST_BREAKS = 3
"""So often a mail gets another connection before it is reported as deferred."""
MOST_FRUITLESS = 3
"""Sessions in a row that broke without one answered mail: then the relay counts as down."""
AHEAD_SECONDS = 2.0
"""A connection is opened so long before a token's moment: its life is shorter than a greeting."""
NARROW_SECONDS = 30.0
"""For so long no more connections are tried than the relay would have beside each other."""


class Pool:
    """Everything runs in the event loop it was made in; callbacks must not block.

    Moments are those of `time.monotonic`: uvloop tells the time in whole milliseconds,
    and only once a turn. Each offered mail is either reported once or handed back by `withdraw`.
    Keys of mails in the pool differ. After a refusal the mails that waited are
    reported as not begun, and the next offer tries again. `took` is told of each mail that a
    reply settled how many seconds after its beginning that was.
    """

    def __init__(
        self,
        relay: RelayTarget,
        timeouts: Timeouts,
        report: Report,
        *,
        refused: Callable[[RelayRefusal], None] = lambda _refusal: None,
        opened: Callable[[Session], None] = lambda _session: None,
        may_begin: Callable[[], bool] = lambda: True,
        about_to_dot: Callable[[Mail], bool] = lambda _mail: True,
        idle_seconds: float = 5.0,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._relay = relay
        self._timeouts = timeouts
        self._report = report
        self._tell_refused = refused
        self._tell_opened = opened
        self.may_begin = may_begin
        """Asked before each mail, and again before its content."""
        self.about_to_dot = about_to_dot
        self.took: Callable[[float], None] = lambda _seconds: None
        self._idle_seconds = idle_seconds
        self._domains = DomainShares(relay.domain_connections)
        self._line = WaitingLine(self._domains)
        self._shares = LaneShares(monotonic)
        self._taken: dict[int, Entry] = {}
        self._members: set[Member] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        """Kept here: of a moment less than half a millisecond away uvloop's timer tells none."""
        self._narrow_to = relay.connections
        self._narrow_until = 0.0
        self._fruitless = 0
        self._has_given_up = False
        self._streak = Streak()
        self._surprise: BaseException | None = None
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    @property
    def in_flight(self) -> int:
        """Mails past the first octet of their content and not answered."""
        return sum(member.session.in_flight for member in self._members if member.session)

    @property
    def waiting(self) -> int:
        """Mails not yet handed to a session."""
        return len(self._line)

    @property
    def connections(self) -> int:
        """Open, or being opened."""
        return len(self._members)

    def offer(self, mails: Iterable[Mail], begin_at: float = 0.0, lane: Lane = NO_LANE) -> None:
        """Send these, none before the moment `begin_at` of the monotonic clock."""
        self._has_given_up = False
        for mail in mails:
            self._line.join(mail, begin_at, lane)
        self._mark_empty()
        self._stir()

    def offer_limited(
        self, group: int, mails: Iterable[Mail], tokens: Iterable[float], life: float, lane: Lane
    ) -> None:
        """Send these with these tokens, each good from its moment for `life` seconds.

        What a group has too few tokens for waits until more are offered.
        """
        self._has_given_up = False
        self._line.join_group(group, lane, mails, tokens, life)
        self._mark_empty()
        self._stir()

    def free(self, group: int) -> None:
        """No rate binds these any more: they need no token."""
        self._line.free_group(group)
        self._stir()

    def without_token(self, group: int) -> list[int]:
        """Keys of a group's mails that wait and have no token."""
        return self._line.without_token(group, monotonic())

    def withdraw(self, keys: Container[int] | None = None) -> list[Mail]:
        """Everything (of these keys) of which no content went out, at once; it never will."""
        back = [mail for member in self._members for mail in member.take_back(keys)]
        for mail in back:
            entry = self._taken.pop(mail.key)
            self._shares.forget(entry.lane, mail.key)
            self._domains.end(entry.domain, entry.holder)
        back += self._line.leave(keys)
        self._mark_empty()
        return back

    async def drain(self) -> None:
        """Until every offered mail is reported or withdrawn. Sessions stay open."""
        await self._is_empty.wait()
        if self._surprise is not None:
            raise self._surprise

    async def close(self, grace_seconds: float = 5.0) -> list[Mail]:
        """Quits every session; returns what was withdrawn for it.

        What is in flight has the grace to be answered, then it is cut.
        """
        back = self.withdraw()
        for member in list(self._members):
            member.leave()
        await self._gone(grace_seconds)
        for member in self._members:
            member.cut()
        await self._gone(None)
        if self._timer is not None:
            self._timer.cancel()
        return back

    async def _gone(self, seconds: float | None) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    # What members call.

    def take(self, member: Member, *, is_limited: bool = True) -> Mail | None:
        if not self.may_begin():
            return None

        def may(entry: Entry) -> bool:
            return self._domains.may(entry.domain, member)

        now = monotonic()
        entry = self._line.take(now, self._may_hold_more, may, is_limited=is_limited)
        self._arm(now)
        if entry is None:
            return None
        entry.holder, entry.begun_at = member, now
        self._domains.begin(entry.domain, member)
        self._taken[entry.mail.key] = entry
        self._shares.begin(entry.lane, entry.mail.key)
        return entry.mail

    def _may_hold_more(self, lane: Lane) -> bool:
        return self._shares.may_hold_more(lane, self._ceiling)

    def follow(self, member: Member) -> Mail | None:
        """Not while somebody who has nothing to do could begin it at once.

        Nor one under a rate limit: the relay would see its envelope only when it
        has done with the mail before, who knows how long after its moment.
        While one has a token nobody follows: else no connection were ever free for it.
        """
        hungry = sum(member.is_hungry for member in self._members)
        if len(self._line) <= hungry or self._line.has_token(monotonic()):
            return None
        return self.take(member, is_limited=False)

    def part(self, member: Member) -> None:
        """The member takes no more mails."""
        self._members.discard(member)

    # Growing.

    def _stir(self) -> None:
        """Wakes, or opens, as many sessions as there are mails that may begin."""
        now = monotonic()
        hungry = [member for member in self._members if member.is_hungry]
        room = self._ceiling - len(self._members)
        ready = self._line.ready(now, len(hungry) + max(room, 0))
        for member in hungry[:ready]:
            member.wake()
        is_soon = not ready and not hungry and self._line.next_at <= now + AHEAD_SECONDS
        for _ in range(min(max(ready - len(hungry), is_soon), room)):
            self._open()
        if len(self._line) > len(hungry):
            for member in self._members:
                member.follow_late()
        self._arm(now)

    @property
    def _ceiling(self) -> int:
        is_narrow = monotonic() < self._narrow_until
        return self._narrow_to if is_narrow else max(1, self._relay.connections)

    def _arm(self, now: float) -> None:
        """A timer for the first mail whose moment was still to come at `now`.

        Not a later now: who became ready in between would be told by nobody.
        """
        next_at = self._line.next_at
        if next_at > now + AHEAD_SECONDS and not self._members:
            next_at -= AHEAD_SECONDS
        if next_at == float("inf") or next_at <= now:
            return
        if self._timer is not None:
            if self._timer_at <= next_at:
                return
            self._timer.cancel()
        # Whole milliseconds are what uvloop's timers know; rounded down they were spent in turns.
        seconds = ceil(max(0.0, next_at - monotonic()) * 1000) / 1000
        self._timer, self._timer_at = self._loop.call_later(seconds, self._tick), next_at

    def _tick(self) -> None:
        self._timer = None
        self._stir()

    def _open(self) -> None:
        member = Member(self, self._relay, self._timeouts, self._idle_seconds)
        self._members.add(member)
        task = self._loop.create_task(self._serve(member))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _serve(self, member: Member) -> None:
        try:
            end = await member.serve(self._answered, self._tell_opened)
        finally:
            self._members.discard(member)
        if isinstance(end, RelayRefusal):
            self._refuse(end)
        elif end is not None:
            self._ended(end)
        self._stir()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._surprise = error
            self._is_empty.set()

    # What sessions say.

    def _answered(self, mail: Mail, outcome: Outcome) -> None:
        entry = self._taken.pop(mail.key)
        if outcome.reply is not None:
            self.took(monotonic() - entry.begun_at)
        if self._domains.end(entry.domain, entry.holder) and self._line:
            self._loop.call_soon(self._stir)
        if outcome.verdict is Verdict.NOT_BEGUN:
            self._shares.forget(entry.lane, mail.key)
        elif self._shares.end(entry.lane, mail.key) and self._line:
            self._loop.call_soon(self._stir)
        if outcome.verdict is Verdict.NOT_BEGUN and not self._has_given_up:
            if entry.breaks < MOST_BREAKS:
                entry.breaks += 1
                self._line.rejoin(entry)
                return
            # Others pass, so it may well be for this recipient's sake: back off.
            outcome = replace(outcome, verdict=Verdict.DEFERRED)
        judged = self._streak.judge(mail.recipient, outcome)
        if judged.about_account and not outcome.about_account:
            self._give_up(_refuses_all(judged))
        outcome = judged
        self._report(mail, outcome)
        self._mark_empty()

    def _ended(self, end: SessionEnd) -> None:
        """Whether the relay is worth another connection."""
        if end.answered:
            self._fruitless = 0
        elif end.kind in (EndKind.LOST, EndKind.CLOSED):
            self._fruitless += 1
        match end.kind:
            case EndKind.ACCOUNT:
                text = f"The relay refuses the account ({end.text}): check its settings."
                self._give_up(_for_a_person(end.phase, end.reply, text))
            case EndKind.CLOSED if not end.accepted:
                text = f"The relay wants no mail now ({end.text}): Postroad tries again later."
                self._refuse(_for_later(end, text))
            case EndKind.LOST if self._fruitless >= MOST_FRUITLESS and self._line:
                text = (
                    f"Connections break each time, {end.text}: Postroad tries again later; "
                    "if this stays, ask the relay's owner."
                )
                self._give_up(_for_later(end, text))
            case _:
                pass

    def _refuse(self, refusal: RelayRefusal) -> None:
        """One connection was refused; as long as others live they carry on."""
        live = sum(member.session is not None for member in self._members)
        if refusal.temporary and live:
            self._narrow_to = live
            self._narrow_until = monotonic() + NARROW_SECONDS
        elif self._line:
            self._give_up(refusal)

    def _give_up(self, refusal: RelayRefusal) -> None:
        """No further connection until the next offer: what waits goes back."""
        self._has_given_up = True
        for member in list(self._members):
            if member.session is None:
                member.cut()
        self._tell_refused(refusal)
        outcome = _not_begun(refusal)
        for mail in self._line.leave():
            self._report(mail, outcome)
        self._mark_empty()

    def _mark_empty(self) -> None:
        if self._line or self._taken:
            self._is_empty.clear()
        else:
            self._is_empty.set()


def _for_later(end: SessionEnd, text: str) -> RelayRefusal:
    return RelayRefusal(end.phase, end.reply, text, temporary=True, needs_person=False)


def _for_a_person(phase: Phase, reply: Reply | None, text: str) -> RelayRefusal:
    return RelayRefusal(phase, reply, text, temporary=False, needs_person=True)


def _refuses_all(outcome: Outcome) -> RelayRefusal:
    text = (
        f"The relay refused {ALIKE} different mails in a row alike ({outcome.text}): "
        "check the sender's address and the account, then go on."
    )
    return _for_a_person(outcome.phase, outcome.reply, text)


def _not_begun(refusal: RelayRefusal) -> Outcome:
    return Outcome(
        Verdict.NOT_BEGUN,
        refusal.phase,
        refusal.reply,
        refusal.text,
        "",
        about_account=refusal.needs_person,
        slow_down=refusal.reply is not None and asks_to_slow_down(refusal.reply),
    )
