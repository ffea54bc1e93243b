"""What happens by itself: runs advance, silent workers are reaped, retries fall due.

Every worker takes its turns; an advisory lock inside `advance_runs` lets one at
a time through. Each step is its own short transaction and safe to repeat.
"""

from typing import LiteralString

import structlog

from postroad.engine.protocol import Protocol

_log = structlog.get_logger()
MOST_STEPS = 500
"""Of one kind in a turn, so that no kind starves the others."""


async def take_turn(protocol: Protocol, policy_seconds: float = 900) -> bool:
    """One turn. True when something changed, so that the next may follow at once.

    `policy_seconds`: no unknown is sent again by itself before it is that old.
    """
    advanced = await protocol.value("SELECT advance_runs()")
    if advanced is None:
        return False
    reaped = await _repeat(protocol, "SELECT reap_batch()")
    if reaped:
        _log.warning("reaped", batches=reaped)
    settled = await _repeat(protocol, "SELECT settle_by_policy(%s)", policy_seconds)
    retried = await _repeat(protocol, "SELECT make_retry_batch()")
    purged = await _repeat(protocol, "SELECT nullif(purge_stopped(), 0)")
    purged += await _repeat(protocol, "SELECT nullif(purge_marked(), 0)")
    purged += await _repeat(protocol, "SELECT end_overdue()")
    await protocol.value("SELECT compact_counts()")
    await protocol.value("SELECT count_queues()")
    await protocol.value("SELECT reconcile_runs()")
    return bool(advanced or reaped or settled or retried or purged)


async def _repeat(protocol: Protocol, call: LiteralString, *args: object) -> int:
    """Call until it returns NULL; returns how often it did not."""
    for steps in range(MOST_STEPS):
        if await protocol.value(call, *args) is None:
            return steps
    return MOST_STEPS
