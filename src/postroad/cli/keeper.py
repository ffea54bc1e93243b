"""Starts the embedded database again when it was killed, or told to end, while `up` runs.

Workers and pages wait for it meanwhile; nothing that was acknowledged is lost.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from postroad.store.embedded import EmbeddedFault, EmbeddedServer

LOOK_SECONDS = 2.0


@contextmanager
def kept_running(home: Path) -> Iterator[None]:
    """While the block runs, the server of `home` is started whenever it is found dead or ending."""
    ending = threading.Event()
    thread = threading.Thread(target=_keep, args=(home, ending), name="keeper", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(timeout=60)


def _keep(home: Path, ending: threading.Event) -> None:
    server = EmbeddedServer(home)
    while not ending.wait(LOOK_SECONDS):
        try:
            if server.status().state in {"stopped", "stopping"}:
                server.start()
        except EmbeddedFault:
            # A full disk, say: the next look tries again, and its log has the reason.
            continue
