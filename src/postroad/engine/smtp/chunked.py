"""A session at a relay that takes content by length: several mails in one write (RFC 3030, 2920).

MAIL, RCPT and BDAT LAST of up to eight mails go out before the first of them is
answered. Whatever was written so is past its dot: replies are matched in order,
and what is not answered when the connection breaks is unknown. So the depth
grows from one with each mail accepted, and falls back to one when the relay
refuses or slows down.
"""

from collections import deque
from collections.abc import Container
from dataclasses import dataclass
from time import monotonic

from postroad.core.mail import Mail
from postroad.core.outcome import Outcome, Phase, Reply, Verdict
from postroad.engine.smtp.attempt import LARGEST_WRITE, Attempt, Stage
from postroad.engine.smtp.connection import Broken, Connection, Fault
from postroad.engine.smtp.features import Features
from postroad.engine.smtp.refusal import spoken
from postroad.engine.smtp.session import (
    SLOW_DOT_SECONDS,
    EndKind,
    Session,
    SessionEnd,
    kind_of_end,
    unexpected,
)
from postroad.engine.smtp.source import MailSource
from postroad.engine.smtp.timeouts import Timeouts

DEEPEST = 8
"""Mails of one connection written and not answered."""


_NOTHING = Reply(0, "", "")


@dataclass(slots=True)
class Sent:
    """`refusal`: the first command that was refused, and what the relay said to it."""

    attempt: Attempt
    written_at: float
    refusal: tuple[Phase, Reply] | None = None
    last: Reply = _NOTHING


class ChunkedSession(Session):
    """Large mails go out one by one in parts, as in any session."""

    def __init__(
        self,
        connection: Connection,
        features: Features,
        timeouts: Timeouts,
        *,
        tls_description: str,
    ) -> None:
        super().__init__(connection, features, timeouts, tls_description=tls_description)
        self._sent: deque[Sent] = deque()
        self._depth = 1
        self._slowed_at = float("-inf")
        self._large: Attempt | None = None
        """Waits until all before it are answered."""
        self._last_words: tuple[EndKind, Phase, Reply, str] | None = None
        """The relay wants no more of this session: what is on its way is still answered."""

    @property
    def in_flight(self) -> int:
        return len(self._sent) + super().in_flight

    async def _converse(self, source: MailSource) -> SessionEnd:
        while True:
            if not self._connection.has_reply:
                self._fill(source)
            if self._sent:
                end = await self._hear(self._sent[0])
            elif self._last_words is not None:
                end = self._end(*self._last_words)
            elif self._large is not None:
                end = await self._send_large(self._large, source)
            else:
                end = await self._rest(source)
            if end is not None:
                return end

    # Writing.

    def _fill(self, source: MailSource) -> None:
        """As many mails as the depth allows, in one write."""
        octets: list[bytes] = []
        while len(self._sent) < self._depth and self._may_write:
            mail = source.follow() if self._sent else source.take()
            if mail is None:
                break
            # Behind one that is not answered it is not known how the relay will be left.
            self._needs_reset = self._needs_reset or bool(self._sent)
            if (one := self._begin(mail)) is None:
                continue
            if mail.size > LARGEST_WRITE:
                self._large = one
            elif self._is_let_out(one, source):
                octets += _transaction(one)
        if octets:
            self._connection.write(b"".join(octets))

    @property
    def _may_write(self) -> bool:
        held = self._is_closing or self._large is not None or self._last_words is not None
        is_sound = self._connection.is_whole if self._sent else self._connection.is_quiet
        return is_sound and not held

    def _is_let_out(self, one: Attempt, source: MailSource) -> bool:
        """From here on it counts as past its dot."""
        if not source.may_begin():
            why = "we may begin no mail now"
        elif not source.about_to_dot(one.mail):
            why = "the worker's ledger cannot be kept"
        else:
            one.stage, one.phase = Stage.DOT, Phase.DOT
            self._sent.append(Sent(one, monotonic()))
            return True
        self._is_closing = True
        self._report(one.mail, one.broken(Broken(Fault.LOST, why)))
        return False

    async def _send_large(self, one: Attempt, source: MailSource) -> SessionEnd | None:
        self._large, self._current = None, one
        self._connection.write(self._envelope(one))
        return await self._transact(one, source)

    def _follow(self, source: MailSource) -> Attempt | None:  # noqa: ARG002 - as in any session.
        """Nothing goes out behind the dot of a large mail: what follows goes in one write."""
        return None

    async def _rest(self, source: MailSource) -> SessionEnd | None:
        """Nothing is on its way. None: there is something to do."""
        if not self._is_closing and self._connection.is_quiet:
            return None if await self._idle(source) else await self._quit()
        if self._is_closing:
            return self._end(EndKind.WITHDRAWN, Phase.MAIL, None, "Mails were taken back.")
        return self._end(EndKind.LOST, Phase.MAIL, None, "The relay ended an idle connection.")

    # Reading.

    async def _hear(self, sent: Sent) -> SessionEnd | None:
        """All replies to the oldest mail, in the order of its commands."""
        phases = (Phase.MAIL, Phase.RCPT, Phase.DOT)
        for phase in (None, *phases) if sent.attempt.needs_reset else phases:
            answer = await self._connection.reply(self._timeouts.of(phase or Phase.MAIL))
            if isinstance(answer, Broken):
                return self._broke(answer)
            end = self._take(sent, phase, answer)
            if end is None and answer.code == 421:
                end = await self._closed(sent, phase or Phase.MAIL, answer)
            if end is not None:
                return end
        return self._answered_whole(sent)

    def _take(self, sent: Sent, phase: Phase | None, answer: Reply) -> SessionEnd | None:
        """One reply, that to RSET without a phase. An end where it is a riddle."""
        kind = answer.code // 100
        if phase is None:
            is_sound = kind == 2 or answer.code == 421
            return None if is_sound else self._broke(unexpected(answer, "RSET"))
        if sent.refusal is not None:
            # Its content was on its way already: the relay says that it has no use for it.
            if phase is not Phase.DOT or kind in (4, 5):
                return None
            sent.refusal = None
            return self._broke(unexpected(answer, "the content of a refused mail"))
        sent.attempt.note(phase, answer)
        if kind in (4, 5):
            sent.refusal = (phase, answer)
        elif kind != 2 or (phase is Phase.DOT and answer.enhanced.startswith("2.1.")):
            # X.1 is about an address: an answer too many came before, and this is not ours.
            return self._broke(unexpected(answer, phase.name))
        else:
            sent.last = answer
        return None

    def _answered_whole(self, sent: Sent) -> SessionEnd | None:
        """The oldest mail has all its replies."""
        phase, reply = sent.refusal or (Phase.DOT, sent.last)
        outcome = sent.attempt.answered(phase, reply)
        if outcome.verdict is Verdict.UNKNOWN:
            return self._broke(unexpected(reply, "the final dot"))
        self._sent.popleft()
        self._pace(sent, outcome)
        self._tell(sent.attempt, outcome)
        self._needs_reset = self._needs_reset or outcome.verdict is not Verdict.ACCEPTED
        if kind := kind_of_end(outcome):
            self._last_words = self._last_words or (kind, phase, reply, outcome.text)
        return None

    def _pace(self, sent: Sent, outcome: Outcome) -> None:
        """Only what was written since the relay slowed down shows that it is quick again."""
        now = monotonic()
        is_quick = now - sent.written_at < SLOW_DOT_SECONDS
        if outcome.slow_down or outcome.about_account or not is_quick:
            self._depth, self._slowed_at = 1, now
        elif outcome.verdict is Verdict.ACCEPTED and sent.written_at > self._slowed_at:
            self._depth = min(DEEPEST, self._depth * 2)

    async def _closed(self, sent: Sent, phase: Phase, reply: Reply) -> SessionEnd:
        """The relay said 421. It reads no more, so that what lies behind was not begun.

        Only if it then hangs up without another word: else nothing is known.
        """
        if sent.refusal is not None:
            self._sent.popleft()
            self._tell(sent.attempt, sent.attempt.answered(*sent.refusal))
        after = await self._connection.reply(self._timeouts.quit)
        if isinstance(after, Broken) and after.fault is Fault.LOST:
            while self._sent:
                behind = self._sent.popleft().attempt
                self._report(behind.mail, _unbegun(reply))
        return self._end(EndKind.CLOSED, phase, reply, spoken(reply))

    def take_back(self, keys: Container[int] | None = None) -> list[Mail]:
        back, large = super().take_back(keys), self._large
        if large is not None and (keys is None or large.mail.key in keys):
            self._large = None
            back.append(large.mail)
        return back

    def _settle(self, broken: Broken) -> None:
        super()._settle(broken)
        if self._large is not None:
            self._report(self._large.mail, self._large.broken(broken))
            self._large = None
        while self._sent:
            sent = self._sent.popleft()
            one, refusal = sent.attempt, sent.refusal
            self._report(one.mail, one.answered(*refusal) if refusal else one.broken(broken))


def _transaction(one: Attempt) -> list[bytes]:
    """Everything about a mail. Content that is counted is not dot-stuffed."""
    pieces = one.mail.pieces
    length = sum(map(len, pieces))
    reset = b"RSET\r\n" if one.needs_reset else b""
    mail, rcpt = one.commands[Phase.MAIL], one.commands[Phase.RCPT]
    return [reset, mail, rcpt, b"BDAT %d LAST\r\n" % length, *pieces]


def _unbegun(reply: Reply) -> Outcome:
    text = f"The relay closed the connection before this mail ({spoken(reply)})."
    return Outcome(Verdict.NOT_BEGUN, Phase.MAIL, None, text, "")
