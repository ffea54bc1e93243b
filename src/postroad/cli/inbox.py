"""The sandbox inbox as part of `up`: a thread with an event loop of its own."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postroad.cli.starting import Refusal
from postroad.engine.smtp.inbox import InboxStore
from postroad.engine.smtp.inbox_faults import FaultPlan
from postroad.engine.smtp.sandbox import serve_inbox


@contextmanager
def running_inbox(file: Path, port: int, faults: FaultPlan | None = None) -> Iterator[int]:
    """Listens on loopback while the block runs; yields the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="inbox", daemon=True)
    thread.start()
    try:
        store = _open_store(file)
        serving = asyncio.run_coroutine_threadsafe(
            serve_inbox(store, port=port, faults=faults), loop
        )
        try:
            server = serving.result(timeout=30)
        except OSError as error:
            raise Refusal(
                f"The sandbox inbox cannot listen on port {port}: {error.strerror}. Stop what "
                "uses it, or set POSTROAD_INBOX_PORT to another port (0 takes a free one)."
            ) from None
        yield int(server.sockets[0].getsockname()[1])
        loop.call_soon_threadsafe(server.close)
        store.close()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)


def _open_store(file: Path) -> InboxStore:
    """Mails are for the manager's eyes: mode 0600."""
    try:
        file.touch(mode=0o600)
        return InboxStore(file)
    except (OSError, sqlite3.Error) as error:
        raise Refusal(
            f"The sandbox inbox {file} cannot be used: {error}. Free some space, or move a damaged "
            "file away; nothing but sandbox mails is in it."
        ) from None
