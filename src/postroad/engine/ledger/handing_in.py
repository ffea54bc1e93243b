"""Ledgers of dead workers are handed in as evidence (P8, P12), then removed.

Every step is a transaction of its own and safe to repeat: a ledger that was
handed in by half is handed in again.
"""

import asyncio
from pathlib import Path

import msgspec
import structlog

from postroad.engine.facts import encode
from postroad.engine.ledger.reading import Left, claimed, read
from postroad.engine.protocol import Protocol

_log = structlog.get_logger()
_MOST_BATCHES = 100


async def hand_in_dead(directory: Path, protocol: Protocol) -> int:
    """All ledgers in the directory whose workers are dead. Returns how many there were."""
    paths = await asyncio.to_thread(_listed, directory)
    return sum([await _hand_in(path, protocol) for path in paths])


def _listed(directory: Path) -> list[Path]:
    return sorted(path for path in directory.glob("*") if path.suffix != ".part")


async def _hand_in(path: Path, protocol: Protocol) -> bool:
    with claimed(path) as file:
        if file is None:
            return False
        left = await asyncio.to_thread(read, file)
        if left is None:
            _log.warning("ledger_unreadable", file=str(path))
        elif not await _told(left, protocol):
            return False
        # Evidence of an older kind may be lost with it, never truth: see P12.
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return True


async def _told(left: Left, protocol: Protocol) -> bool:
    """False: it belongs to another database and is left alone."""
    dots = msgspec.json.encode(left.dots).decode()
    standing = await protocol.value(
        "SELECT judge_ledger(%s, %s, %s)", left.worker, left.installation, dots
    )
    if standing == "foreign":
        return False
    for (run, batch), facts in left.facts.items():
        await protocol.value(
            "SELECT hand_in_facts(%s, %s, %s, %s)", run, batch, left.worker, encode(facts)
        )
    if standing == "current" and left.is_whole:
        await _conclude(left, protocol)
    _log.warning(
        "ledger_handed_in",
        left_by=str(left.worker),
        standing=str(standing),
        whole=left.is_whole,
        dots=len(left.dots),
    )
    return True


async def _conclude(left: Left, protocol: Protocol) -> None:
    """What was begun and has no line was not sent."""
    proven = [f"{run} {n} {attempt}" for run, n, attempt in left.proven]
    for _ in range(_MOST_BATCHES):
        if not await protocol.value("SELECT close_ledger(%s, %s)", left.worker, proven):
            break
