"""One TCP connection: octets out, replies in, each wait bounded."""

import asyncio
import enum
from collections import deque
from dataclasses import dataclass
from time import monotonic
from typing import cast

from postroad.core.outcome import Reply
from postroad.engine.smtp.replies import Garbage, Received, ReplyParser, harmless


class Fault(enum.Enum):
    LOST = "the connection was lost"
    SILENT = "no reply came"
    GARBAGE = "what came is no SMTP reply"


@dataclass(frozen=True, slots=True)
class Broken:
    """Nothing more will be learnt from this connection. `text` is part of a sentence."""

    fault: Fault
    text: str


class Connection(asyncio.Protocol):
    """Not for two readers at a time. After `Broken` only `abort` makes sense."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._parser = ReplyParser()
        self._received: deque[Received | Garbage] = deque()
        self._broken: Broken | None = None
        self._waiter: asyncio.Future[bool] | None = None
        self._is_paused = False
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self.lines: tuple[str, ...] = ()
        """Of the reply that was given last."""
        self.closed: asyncio.Future[None] = loop.create_future()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received.extend(self._parser.feed(data))
        if self._received:
            self._wake()

    def eof_received(self) -> bool:
        self._break(Broken(Fault.LOST, "the relay closed the connection"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        reason = f" ({harmless(str(exc))[:200]})" if exc else ""
        self._break(Broken(Fault.LOST, f"the connection was lost{reason}"))
        if self._timer:
            self._timer.cancel()
        if not self.closed.done():
            self.closed.set_result(None)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._wake()

    # What the session calls.

    @property
    def transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise RuntimeError("The connection is used before it was made.")
        return self._transport

    @property
    def is_quiet(self) -> bool:
        """Alive, and nothing waits to be read or is half read."""
        return not self._received and self._broken is None and self._parser.is_between_replies

    @property
    def is_whole(self) -> bool:
        """Alive, whatever waits to be read."""
        return self._broken is None

    def write(self, octets: bytes | memoryview) -> None:
        """Never blocks; what the network does not take is kept (see `drained`)."""
        if self._broken is None:
            self.transport.write(octets)

    async def reply(self, seconds: float) -> Reply | Broken:
        """The next reply; what was read before a loss is given before it."""
        while not self._received:
            if self._broken is not None:
                return self._broken
            if not await self._wait(seconds):
                self._break(Broken(Fault.SILENT, f"no reply came in {seconds:g} s"))
        one = self._received.popleft()
        if isinstance(one, Garbage):
            self._broken = Broken(Fault.GARBAGE, f'the relay sent "{one.text}", which is no reply')
            return self._broken
        self.lines = one.lines
        return one.reply

    async def drained(self, seconds: float) -> Broken | None:
        """Until what was written has nearly left, or a reply came early."""
        while self._is_paused and not self._received and self._broken is None:
            if not await self._wait(seconds):
                self._break(Broken(Fault.SILENT, f"the relay took nothing for {seconds:g} s"))
        return self._broken

    @property
    def has_reply(self) -> bool:
        return bool(self._received)

    def upgraded(self, transport: asyncio.Transport) -> None:
        """TLS lies between from now on; what was said before is void."""
        self._transport = transport
        self._is_paused = False
        self._parser = ReplyParser()

    def abort(self) -> None:
        """Cut. Nothing that waits in this machine goes out any more."""
        self._break(Broken(Fault.LOST, "the connection was cut from our side"))
        if self._transport is not None:
            self._transport.abort()

    # Waiting: one lazy timer for a whole session instead of one per reply.

    async def _wait(self, seconds: float) -> bool:
        """Until anything happens. False when the time is over."""
        waiter: asyncio.Future[bool] = self._loop.create_future()
        self._waiter = waiter
        self._arm(seconds)
        try:
            return await waiter
        finally:
            self._waiter = None

    def _arm(self, seconds: float) -> None:
        self._deadline = monotonic() + seconds
        if self._timer is not None and self._timer_at <= self._deadline:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._set_timer()

    def _set_timer(self) -> None:
        """Its moment is kept here: very near ones are not told by uvloop's timers."""
        self._timer_at = self._deadline
        self._timer = self._loop.call_later(self._deadline - monotonic(), self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._waiter is None or self._waiter.done():
            return
        if monotonic() < self._deadline:
            self._set_timer()
        else:
            self._waiter.set_result(False)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(True)

    def _break(self, broken: Broken) -> None:
        if self._broken is None:
            self._broken = broken
        self._wake()
