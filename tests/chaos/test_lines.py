"""Lines that are closed while their connections end leave nothing open."""

import asyncio
import gc
import socket
import threading
from contextlib import ExitStack

import pytest

from postroad.testing import proxy


@pytest.mark.parametrize("turns", range(8))
def test_lines_closed_so_many_turns_after_their_connections_end_leave_nothing_open(
    turns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unclosed socket is a warning once it is collected, and so a failure."""

    async def some_turns() -> None:
        for _ in range(turns):
            await asyncio.sleep(0)

    monkeypatch.setattr(proxy, "_some_turns", some_turns)
    with ExitStack() as stack:
        target = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        lines = stack.enter_context(proxy.some_lines())
        line = lines.between(("127.0.0.1", 0), target.getsockname())
        assert isinstance(line.address, tuple)
        near = [stack.enter_context(socket.create_connection(line.address)) for _ in range(5)]
        for each in near:
            each.sendall(b"x")
            far = stack.enter_context(target.accept()[0])
            assert far.recv(1) == b"x"
        # All end, and the lines are closed, before the thread of the lines sees any of it.
        held = threading.Event()
        lines._loop.call_soon_threadsafe(held.wait)
        for each in near:
            each.close()
        threading.Timer(0.05, held.set).start()
    del line, lines
    gc.collect()
