"""One connection of a pool, from opening to quitting."""

import asyncio
from collections.abc import Callable, Container
from typing import Protocol

from postroad.core.mail import Mail, RelayTarget
from postroad.engine.smtp.opening import open_session
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.session import Report, Session, SessionEnd
from postroad.engine.smtp.timeouts import Timeouts


class Line(Protocol):
    """What a member asks its pool."""

    def take(self, member: "Member") -> Mail | None: ...
    def follow(self, member: "Member") -> Mail | None: ...
    def may_begin(self) -> bool: ...
    def about_to_dot(self, mail: Mail) -> bool: ...
    def part(self, member: "Member") -> None: ...


class Member:
    """The `MailSource` of its session. `session` is None while it is being opened."""

    def __init__(
        self, line: Line, relay: RelayTarget, timeouts: Timeouts, idle_seconds: float
    ) -> None:
        self.session: Session | None = None
        self._loop = asyncio.get_running_loop()
        self._line = line
        self._relay = relay
        self._timeouts = timeouts
        self._idle_seconds = idle_seconds
        self._waiter: asyncio.Future[bool] | None = None
        self._opening: asyncio.Task[Session | RelayRefusal] | None = None
        self._is_leaving = False
        self._found_nothing = False
        """It is about to wait."""
        self._is_woken = False
        """Before it did."""

    async def serve(
        self, report: Report, opened: Callable[[Session], None]
    ) -> SessionEnd | RelayRefusal | None:
        """None when it was cut before the session was open."""
        if self._is_leaving:
            return None
        self._opening = asyncio.ensure_future(open_session(self._relay, self._timeouts))
        await asyncio.wait((self._opening,))
        if self._opening.cancelled():
            return None
        session = self._opening.result()
        if isinstance(session, RelayRefusal):
            return session
        self.session = session
        opened(session)
        return await session.run(self, report)

    @property
    def is_hungry(self) -> bool:
        """Would begin a mail at once, or as soon as it is connected."""
        is_idle = self._waiter is not None or self._found_nothing
        return not self._is_leaving and (self.session is None or is_idle)

    def wake(self) -> None:
        self._is_woken = self._found_nothing
        self._answer(more=True)

    def follow_late(self) -> None:
        """There are mails again: one may follow the mail that waits for its reply."""
        if self.session is not None and not self._is_leaving:
            self.session.follow()

    def leave(self) -> None:
        """Quit as soon as nothing is in flight."""
        self._is_leaving = True
        self._answer(more=False)
        if self.session is None and self._opening is not None:
            self._opening.cancel()

    def cut(self) -> None:
        self.leave()
        if self.session is not None:
            self.session.abort()

    def take_back(self, keys: Container[int] | None) -> list[Mail]:
        return self.session.take_back(keys) if self.session else []

    # The session's source.

    def take(self) -> Mail | None:
        mail = None if self._is_leaving else self._line.take(self)
        self._found_nothing, self._is_woken = mail is None, False
        return mail

    def follow(self) -> Mail | None:
        return None if self._is_leaving else self._line.follow(self)

    def may_begin(self) -> bool:
        return self._line.may_begin()

    def about_to_dot(self, mail: Mail) -> bool:
        return self._line.about_to_dot(mail)

    async def wait(self) -> bool:
        """True when woken; False after the idle time: then it has parted from the pool."""
        if self._is_leaving or self._is_woken:
            return not self._is_leaving
        waiter: asyncio.Future[bool] = self._loop.create_future()
        self._waiter = waiter
        timer = self._loop.call_later(self._idle_seconds, self._answer_late)
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _answer_late(self) -> None:
        self._is_leaving = True
        self._line.part(self)
        self._answer(more=False)

    def _answer(self, *, more: bool) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(more)
