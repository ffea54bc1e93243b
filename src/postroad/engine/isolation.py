"""Preparing one mail in a child process, so that one that kills it is named."""

import os
import pickle
import select
import signal
from contextlib import suppress

from postroad.core.mail import Failed, Preparation, Preparer, Recipient, Sender

MOST_SECONDS = 30.0


def prepare_apart(preparer: Preparer, sender: Sender, recipient: Recipient) -> Preparation:
    """Prepare one mail in a forked child. A child that dies or dawdles fails its mail."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        _work(preparer, sender, recipient, read_end, write_end)
    os.close(write_end)
    try:
        answer = _read_all(read_end)
    finally:
        os.close(read_end)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if not answer:
        return Failed(
            recipient.n,
            "preparing it killed a process",
            "Preparing it alone killed its process: mend the template or leave this person out.",
        )
    # The bytes come from our own child, made by the line below.
    result: Preparation = pickle.loads(answer)  # noqa: S301
    return result


def _work(
    preparer: Preparer, sender: Sender, recipient: Recipient, read_end: int, write_end: int
) -> None:
    """The child's whole life; never returns."""
    try:
        os.close(read_end)
        result = preparer.prepare(sender, [recipient])[0]
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(pickle.dumps(result))
    finally:
        os._exit(0)


def _read_all(read_end: int) -> bytes:
    """All that the child wrote; b'' when it wrote nothing in time."""
    parts: list[bytes] = []
    while select.select([read_end], [], [], MOST_SECONDS)[0]:
        part = os.read(read_end, 1 << 16)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return b""
