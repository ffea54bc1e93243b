"""The sandbox inbox: a relay that keeps every mail on this machine.

It is the default relay until a real one is set. A mail is durable before it
is answered with 250.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session

from postroad.core.outcome import Phase
from postroad.engine.smtp.inbox import InboxStore, NewMail
from postroad.engine.smtp.inbox_faults import FaultPlan, FaultPlay

LARGEST_MAIL = 50 * 1024 * 1024
"""Octets."""
LONGEST_LINE = 998
"""Octets without CRLF (RFC 5322, 2.1.1)."""


async def serve_inbox(
    store: InboxStore,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: FaultPlan | None = None,
    clock: Callable[[], float] = time.time,
) -> asyncio.Server:
    """Listens until the server is closed. Port 0 takes a free one.

    `server.sockets[0].getsockname()[1]` is the port. Raises OSError when it is in use.
    """
    loop = asyncio.get_running_loop()
    handler = _Handler(_Keeper(store), FaultPlay(faults or FaultPlan()), clock)
    return await loop.create_server(
        lambda: _InboxProtocol(
            handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="inbox.postroad.invalid",
            ident="Postroad sandbox inbox",
            loop=loop,
        ),
        host,
        port,
    )


class _InboxProtocol(SMTP):
    line_length_limit = 64 * 1024
    """Octets that may be read ahead; `_Handler` judges the lines."""


class _Keeper:
    """Mails that come at once on several connections share one transaction."""

    def __init__(self, store: InboxStore) -> None:
        self._store = store
        self._pending: list[tuple[NewMail, asyncio.Future[int]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def keep(self, mail: NewMail) -> int:
        """Its number, once it is durable."""
        kept: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pending.append((mail, kept))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return await kept

    async def _write(self) -> None:
        while self._pending:
            pending, self._pending = self._pending, []
            try:
                mails = [mail for mail, _ in pending]
                numbers = await asyncio.to_thread(self._store.add_all, mails)
            except sqlite3.Error as error:
                for _, kept in pending:
                    _settle(kept, error)
            else:
                for (_, kept), number in zip(pending, numbers, strict=True):
                    _settle(kept, number)
        self._writing = None


def _settle(kept: asyncio.Future[int], result: int | sqlite3.Error) -> None:
    """The connection that waits may be gone by now."""
    if kept.done():
        return
    if isinstance(result, int):
        kept.set_result(result)
    else:
        kept.set_exception(result)


class _Handler:
    """What aiosmtpd asks; the names of the methods are its own."""

    def __init__(self, keeper: _Keeper, faults: FaultPlay, clock: Callable[[], float]) -> None:
        self._keeper = keeper
        self._faults = faults
        self._clock = clock

    async def handle_EHLO(  # noqa: N802
        self,
        _server: SMTP,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        refusal = self._faults.reply(Phase.RCPT, address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        for recipient in envelope.rcpt_tos:
            refusal = self._faults.reply(Phase.DOT, recipient)
            if refusal is not None:
                return refusal
        content = envelope.original_content or b""
        if any(len(line) > LONGEST_LINE for line in content.split(b"\r\n")):
            return f"554 5.6.0 A line has more than {LONGEST_LINE} octets"
        return await self._keep(envelope, content)

    async def _keep(self, envelope: Envelope, content: bytes) -> str:
        numbers = []
        for recipient in envelope.rcpt_tos:
            mail = NewMail(self._clock(), envelope.mail_from or "", recipient, content)
            try:
                numbers.append(await self._keeper.keep(mail))
            except sqlite3.Error:
                return "452 4.3.1 The inbox can't be written, see if the disk is full"
        return f"250 2.0.0 kept as {', '.join(map(str, numbers))}"

    async def handle_exception(self, error: Exception) -> str:
        return f"451 4.3.0 The inbox failed ({type(error).__name__}), try again"
