"""A line between two programs that can be cut, made silent, slow, and whole again.

    with some_lines() as lines:
        line = lines.between(("127.0.0.1", 0), ("127.0.0.1", port))
        line.cut()
        line.mend()

All lines of a test live in one thread with an event loop of its own, so tests
that are not asynchronous may use them.
"""

import asyncio
import contextlib
import enum
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

CHUNK = 65536
T = TypeVar("T")

Address = Path | tuple[str, int]
"""A unix socket, or host and port; port 0 to listen on is any free one."""


class Mode(enum.Enum):
    WHOLE = "octets pass"
    CUT = "connections are reset, new ones refused at once"
    SILENT = "connections stand and nothing passes: neither side hears of it"


@dataclass(eq=False)
class Line:
    """`address` is where to connect to. `delay_seconds` holds up each piece on its way."""

    target: Address
    address: Address
    delay_seconds: float = 0.0
    mode: Mode = Mode.WHOLE
    _loop: asyncio.AbstractEventLoop = field(kw_only=True, repr=False)
    _open: set[asyncio.StreamWriter] = field(default_factory=set, repr=False)
    _whole: asyncio.Event = field(default_factory=asyncio.Event, repr=False)

    # From any thread.

    def cut(self) -> None:
        self._tell(self._cut)

    def silence(self) -> None:
        self._tell(self._silence)

    def mend(self) -> None:
        """Octets held while silent go on their way now."""
        self._tell(self._mend)

    def _tell(self, act: Callable[[], None]) -> None:
        done = threading.Event()

        def told() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(told)
        assert done.wait(10), "the thread of the lines is gone"

    # In the loop.

    def _cut(self) -> None:
        self.mode = Mode.CUT
        self._whole.set()
        for writer in self._open:
            writer.transport.abort()

    def _silence(self) -> None:
        self.mode = Mode.SILENT
        self._whole.clear()

    def _mend(self) -> None:
        self.mode = Mode.WHOLE
        self._whole.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side ends it."""
        self._open.add(writer)
        try:
            await self._whole.wait()
            if self.mode is not Mode.CUT:
                await self._join(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass  # Cancelled by `Lines.close` alone; asyncio would log it as a failure.
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await _connected(self.target)
        self._open.add(back)
        ways = [
            asyncio.ensure_future(self._pass(reader, back)),
            asyncio.ensure_future(self._pass(there, writer)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            await self._let_go(back)

    async def _let_go(self, back: asyncio.StreamWriter) -> None:
        """A frozen target takes the last octets once it goes on, or never."""
        back.close()
        try:
            await back.wait_closed()
        finally:
            self._open.discard(back)
            back.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while octets := await reader.read(CHUNK):
            if self.delay_seconds:
                await asyncio.sleep(self.delay_seconds)
            await self._whole.wait()
            writer.write(octets)
            await writer.drain()


async def _connected(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, Path):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection(*address)


async def _some_turns() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


class Lines:
    """The thread that all lines of a test live in."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._servers: list[asyncio.Server] = []
        self._thread.start()

    def between(self, here: Address, target: Address) -> Line:
        """Listens at `here` and carries each connection to `target`."""
        return self._do(self._made(here, target))

    async def _made(self, here: Address, target: Address) -> Line:
        line = Line(target, here, _loop=self._loop)
        line._mend()  # noqa: SLF001 (a line begins whole, in its own thread)
        if isinstance(here, Path):
            server = await asyncio.start_unix_server(line.carry, here)
            here.chmod(0o777)
        else:
            server = await asyncio.start_server(line.carry, *here)
            line.address = (here[0], server.sockets[0].getsockname()[1])
        self._servers.append(server)
        return line

    def close(self) -> None:
        self._do(self._closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _closed(self) -> None:
        for server in self._servers:
            server.close()
        await _some_turns()  # What has just come has begun, and so lets go of its connection.
        tasks = [one for one in asyncio.all_tasks() if one is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.gather(*tasks, return_exceptions=True)
        await _some_turns()  # Sockets are let go of in the turn after.

    def _do(self, work: Coroutine[object, object, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def some_lines() -> Iterator[Lines]:
    lines = Lines()
    try:
        yield lines
    finally:
        lines.close()
