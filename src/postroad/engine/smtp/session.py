"""A signed-in session that carries mail after mail, pipelined where announced.

RFC 5321 with RFC 2920: MAIL, RCPT and DATA go out in one write, and the next
mail's envelope right behind the final dot.
"""

import asyncio
import enum
from collections.abc import Callable, Container
from dataclasses import dataclass
from time import monotonic

from postroad.core.mail import Mail
from postroad.core.outcome import Outcome, Phase, Reply, Verdict
from postroad.engine.smtp.attempt import Attempt, Stage, attempt_of
from postroad.engine.smtp.connection import Broken, Connection, Fault
from postroad.engine.smtp.features import Features
from postroad.engine.smtp.refusal import spoken
from postroad.engine.smtp.source import MailSource
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.smtp.wire import Stuffer

SLOW_DOT_SECONDS = 0.5
"""From here on nothing is pipelined behind a dot; nor behind a session's first."""

Report = Callable[[Mail, Outcome], None]


class EndKind(enum.Enum):
    QUIT = "nothing more to send"
    LOST = "the connection broke"
    CLOSED = "the relay said 421"
    ACCOUNT = "the relay refuses the account"
    WITHDRAWN = "we took mails back"


@dataclass(frozen=True, slots=True)
class SessionEnd:
    """Why a session ended. `accepted` and `answered` count its mails."""

    kind: EndKind
    phase: Phase
    reply: Reply | None
    text: str
    accepted: int
    answered: int


class Session:
    """For one `run`. Made by `open_session`."""

    def __init__(
        self,
        connection: Connection,
        features: Features,
        timeouts: Timeouts,
        *,
        tls_description: str,
    ) -> None:
        self.features = features
        self.tls_description = tls_description
        """'TLSv1.3 TLS_AES_256_GCM_SHA384', '' in clear."""
        self._connection = connection
        self._timeouts = timeouts
        self._stuffer = Stuffer()
        self._report: Report = lambda _mail, _outcome: None
        self._source: MailSource | None = None
        self._current: Attempt | None = None
        self._follower: Attempt | None = None
        self._needs_reset = False
        self._is_closing = False
        self._dot_at = 0.0
        """When the last dot was written,"""
        self._dot_seconds = float("inf")
        """and what the last reply to one took."""
        self._accepted = 0
        self._answered = 0

    @property
    def in_flight(self) -> int:
        """Mails past the first octet of their content and not answered: 0 or 1."""
        current = self._current
        return int(current is not None and current.stage is not Stage.ENVELOPE)

    async def run(self, source: MailSource, report: Report) -> SessionEnd:
        """Until the source has nothing more, or the connection ends.

        Reports exactly once for each mail it took, those handed out by
        `take_back` apart; also when it is cancelled. Closes the connection.
        """
        self._report, self._source = report, source
        try:
            return await self._converse(source)
        finally:
            self._settle(Broken(Fault.LOST, "the session was cut from our side"))
            self._connection.abort()

    def take_back(self, keys: Container[int] | None = None) -> list[Mail]:
        """The mails (of these keys) of which no content went out; they never will go out here.

        Nothing is reported for them. The session ends once the mail in
        flight, if any, is answered.
        """
        attempts = (self._current, self._follower)
        unbegun = [
            one.mail
            for one in attempts
            if one and one.stage is Stage.ENVELOPE and (keys is None or one.mail.key in keys)
        ]
        if unbegun:
            self._is_closing = True
            self._follower = None
            if self._current is not None and self._current.stage is Stage.ENVELOPE:
                self._current = None
                self._connection.abort()
        return unbegun

    def follow(self) -> None:
        """Mails have come: one's envelope goes out while the reply to a dot is on its way.

        As if it had been there when the dot was written, only later.
        """
        current = self._current
        if self._follower or self._source is None or current is None:
            return
        is_late = monotonic() - self._dot_at >= SLOW_DOT_SECONDS
        if current.stage is Stage.DOT and not is_late and self._connection.is_quiet:
            self._follower = self._follow(self._source)
            if self._follower:
                self._connection.write(self._envelope(self._follower))

    def abort(self) -> None:
        """Cut at once. What is in flight is reported for what it is then."""
        self._connection.abort()

    async def _converse(self, source: MailSource) -> SessionEnd:
        while True:
            one = self._current or await self._pull(source)
            if isinstance(one, SessionEnd):
                return one
            end = await self._transact(one, source)
            if end is not None:
                return end

    async def _pull(self, source: MailSource) -> Attempt | SessionEnd:
        """A mail whose envelope is on its way, or the end."""
        while not self._is_closing and self._connection.is_quiet:
            if (mail := source.take()) is not None:
                if (one := self._begin(mail)) is not None:
                    self._current = one
                    self._connection.write(self._envelope(one))
                    return one
            elif not await self._idle(source):
                return await self._quit()
        if self._is_closing:
            return self._end(EndKind.WITHDRAWN, Phase.MAIL, None, "Mails were taken back.")
        return self._end(EndKind.LOST, Phase.MAIL, None, "The relay ended an idle connection.")

    async def _idle(self, source: MailSource) -> bool:
        """Until there is something to do. False: quit."""
        waiting = asyncio.ensure_future(source.wait())
        try:
            await asyncio.wait(
                (waiting, self._connection.closed), return_when=asyncio.FIRST_COMPLETED
            )
            return waiting.result() if waiting.done() else True
        finally:
            waiting.cancel()

    def _begin(self, mail: Mail) -> Attempt | None:
        made = attempt_of(mail, self.features, self._stuffer, needs_reset=self._needs_reset)
        if isinstance(made, Outcome):
            self._report(mail, made)
            return None
        self._needs_reset = False
        return made

    def _envelope(self, one: Attempt) -> bytes:
        """All that may go out before the first reply."""
        if self.features.pipelining:
            reset = b"RSET\r\n" if one.needs_reset else b""
            return reset + b"".join(one.commands.values())
        return b"RSET\r\n" if one.needs_reset else one.commands[Phase.MAIL]

    async def _transact(self, one: Attempt, source: MailSource) -> SessionEnd | None:
        """The current mail to its end. None: the dialogue goes on."""
        if one.needs_reset:
            end = await self._reset(one)
            if end is not None:
                return end
        for phase in _ENVELOPE:
            if phase is not Phase.MAIL and not self.features.pipelining:
                self._connection.write(one.commands[phase])
            answer = await self._answer(one, phase)
            if isinstance(answer, SessionEnd):
                return answer
            if answer.code // 100 != _GOOD[phase]:
                return await self._refused(one, phase, answer)
        return await self._deliver(one, source)

    async def _answer(self, one: Attempt, phase: Phase) -> Reply | SessionEnd:
        one.phase = phase
        answer = await self._connection.reply(self._timeouts.of(phase))
        if isinstance(answer, Broken):
            return self._broke(answer)
        if self._current is not one:
            return self._end(EndKind.WITHDRAWN, phase, None, "Mails were taken back.")
        one.note(phase, answer)
        return answer

    async def _reset(self, one: Attempt) -> SessionEnd | None:
        """Clears what the refused transaction before left at the relay."""
        answer = await self._connection.reply(self._timeouts.mail)
        if isinstance(answer, Broken):
            return self._broke(answer)
        if answer.code // 100 != 2:
            return self._broke(unexpected(answer, "RSET"))
        if not self.features.pipelining:
            self._connection.write(one.commands[Phase.MAIL])
        return None

    async def _refused(self, one: Attempt, phase: Phase, reply: Reply) -> SessionEnd | None:
        """An envelope that gets no content."""
        if reply.code // 100 not in (4, 5):
            return self._broke(unexpected(reply, phase.name))
        end = self._settled(one, one.answered(phase, reply), phase)
        self._needs_reset = True
        if end is not None or not self.features.pipelining:
            return end
        return await self._pass_over(phase)

    async def _pass_over(self, refused: Phase) -> SessionEnd | None:
        """The replies to the commands that went out behind the refused one.

        A 354 when no recipient was accepted gets a lone dot, which delivers
        to nobody (RFC 2920, 3.1). After a refused MAIL it would be a riddle
        what the relay has in mind: cut.
        """
        for phase in _ENVELOPE[_ENVELOPE.index(refused) + 1 :]:
            answer = await self._connection.reply(self._timeouts.of(phase))
            if isinstance(answer, Broken):
                return self._broke(answer)
            if answer.code == 421:
                return self._end(EndKind.CLOSED, phase, answer, spoken(answer))
            if answer.code == 354 and phase is Phase.DATA:
                if refused is Phase.MAIL:
                    return self._broke(unexpected(answer, "DATA after a refused MAIL"))
                self._connection.write(b".\r\n")
                nothing = await self._connection.reply(self._timeouts.after_dot)
                if isinstance(nothing, Broken):
                    return self._broke(nothing)
        return None

    async def _deliver(self, one: Attempt, source: MailSource) -> SessionEnd | None:
        """The relay said 354: the content, the dot, and what it says to that.

        Only to a relay that has said nothing more: otherwise the next words,
        perhaps meant for something else, would be taken for its answer.
        """
        if not self._connection.is_quiet:
            return await self._disturbed()
        early = await self._send(one, source)
        if early is not None:
            return early
        self._dot_at = monotonic()
        answer = await self._answer(one, Phase.DOT)
        if isinstance(answer, SessionEnd):
            return answer
        self._dot_seconds = monotonic() - self._dot_at
        outcome = one.answered(Phase.DOT, answer)
        self._current, self._follower = self._follower, None
        end = self._settled(one, outcome, Phase.DOT)
        if outcome.verdict is Verdict.UNKNOWN:
            return self._broke(unexpected(answer, "the final dot"))
        return end

    async def _disturbed(self) -> SessionEnd:
        answer = await self._connection.reply(0)
        if isinstance(answer, Broken):
            return self._broke(answer)
        return self._broke(unexpected(answer, "nothing at all"))

    async def _send(self, one: Attempt, source: MailSource) -> SessionEnd | None:
        """All of the content; a large one in parts, so that little is kept here."""
        if not source.may_begin():
            self._is_closing = True
            return self._broke(Broken(Fault.LOST, "we may begin no mail now"))
        *parts, last = one.parts()
        for part in parts:
            one.stage = Stage.CONTENT
            self._connection.write(part)
            broken = await self._connection.drained(self._timeouts.block)
            if self._connection.has_reply:
                return await self._interrupted(one)
            if broken is not None:
                return self._broke(broken)
        if not source.about_to_dot(one.mail):
            self._is_closing = True
            return self._broke(Broken(Fault.LOST, "the worker's ledger cannot be kept"))
        one.stage, one.phase = Stage.DOT, Phase.DOT
        self._follower = self._follow(source)
        behind = self._envelope(self._follower) if self._follower else b""
        self._connection.write(b"".join((last, b".\r\n", behind)))
        return None

    async def _interrupted(self, one: Attempt) -> SessionEnd:
        """A reply before the final dot was written: the relay did not take the mail."""
        answer = await self._answer(one, Phase.DATA)
        if isinstance(answer, SessionEnd):
            return answer
        if answer.code // 100 not in (4, 5):
            return self._broke(unexpected(answer, "a part of the content"))
        end = self._settled(one, one.answered(Phase.DOT, answer), Phase.DOT)
        return end or self._end(EndKind.LOST, Phase.DATA, answer, spoken(answer))

    def _follow(self, source: MailSource) -> Attempt | None:
        """The mail whose envelope goes out behind the final dot.

        None at a relay that answers dots slowly: it would win nothing, and the
        relay would begin the transaction long after it could be taken back.
        """
        is_quick = self._dot_seconds < SLOW_DOT_SECONDS
        while is_quick and self.features.pipelining and not self._is_closing:
            mail = source.follow()
            if mail is None:
                break
            if (made := self._begin(mail)) is not None:
                return made
        return None

    def _settled(self, one: Attempt, outcome: Outcome, phase: Phase) -> SessionEnd | None:
        """Reports; an end when the relay wants no more of this session."""
        if self._current is one:
            self._current = None
        self._tell(one, outcome)
        kind = kind_of_end(outcome)
        return self._end(kind, phase, outcome.reply, outcome.text) if kind else None

    def _tell(self, one: Attempt, outcome: Outcome) -> None:
        self._answered += 1
        self._accepted += outcome.verdict is Verdict.ACCEPTED
        self._report(one.mail, outcome)

    def _broke(self, broken: Broken) -> SessionEnd:
        """Everything not answered gets the outcome of its stage."""
        phase = self._current.phase if self._current else Phase.MAIL
        self._settle(broken)
        kind = EndKind.WITHDRAWN if self._is_closing else EndKind.LOST
        return self._end(kind, phase, None, broken.text)

    def _settle(self, broken: Broken) -> None:
        attempts = (self._current, self._follower)
        self._current = self._follower = None
        for one in attempts:
            if one is not None:
                self._report(one.mail, one.broken(broken))

    def _end(self, kind: EndKind, phase: Phase, reply: Reply | None, text: str) -> SessionEnd:
        self._settle(Broken(Fault.LOST, f"the session ended ({text})"))
        return SessionEnd(kind, phase, reply, text, self._accepted, self._answered)

    async def _quit(self) -> SessionEnd:
        self._connection.write(b"QUIT\r\n")
        await self._connection.reply(self._timeouts.quit)
        return self._end(EndKind.QUIT, Phase.MAIL, None, "Nothing more to send.")


_ENVELOPE = (Phase.MAIL, Phase.RCPT, Phase.DATA)
_GOOD = {Phase.MAIL: 2, Phase.RCPT: 2, Phase.DATA: 3}


def kind_of_end(outcome: Outcome) -> EndKind | None:
    """Whether the relay wants no more of a session that came to this."""
    if outcome.about_account:
        return EndKind.ACCOUNT
    is_closed = outcome.reply is not None and outcome.reply.code == 421
    return EndKind.CLOSED if is_closed else None


def unexpected(reply: Reply, command: str) -> Broken:
    return Broken(Fault.GARBAGE, f'the relay answered {command} with "{spoken(reply)}"')
