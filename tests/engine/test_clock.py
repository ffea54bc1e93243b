"""The database's clock by a worker's own: what tokens mean depends on it."""

import asyncio
import time
import uuid

import pytest

from postroad.core.ids import WorkerId
from postroad.engine.clock import MEMORY_SECONDS, MOST_LOOKS, NARROW_SECONDS, ServerClock
from postroad.engine.protocol import Protocol, open_pool

APART = 1_000_000.0


def test_a_call_that_took_long_tells_too_little() -> None:
    clock = ServerClock()
    clock.note(10.0, APART + 10.2, APART + 10.2, 10.2)
    assert clock.own(APART + 20) == pytest.approx(19.9)
    before = clock.wants_look
    clock.look(11.0, APART + 11.001, 11.002)
    assert (before, clock.wants_look) == (True, False)
    assert clock.own(APART + 20) == pytest.approx(20.0, abs=NARROW_SECONDS / 2)


def test_a_database_far_away_is_looked_at_so_often_and_no_more() -> None:
    clock = ServerClock()
    clock.note(10.0, APART + 10.02, APART + 10.02, 10.04)
    for looks in range(MOST_LOOKS + 1):
        assert clock.wants_look is (looks < MOST_LOOKS)
        clock.look(10.0, APART + 10.02, 10.04)
    later = 10.0 + 2 * MEMORY_SECONDS
    clock.note(later, APART + later + 0.02, APART + later + 0.02, later + 0.04)
    assert clock.wants_look


async def test_moments_mean_something_from_the_first_window_on(database: str) -> None:
    """The first call stood still for 0.2 s on its way back: by half of it moments were off."""
    async with open_pool(database, 1) as pool, pool.connection() as connection:
        protocol = Protocol(pool, WorkerId(uuid.uuid4()))
        now = asyncio.get_running_loop().time()
        protocol.clock.note(now - 0.2, time.time() - 0.2, time.time() - 0.2, now)
        before = protocol.clock.wants_look
        await protocol._look_at_clock(connection)
        assert (before, protocol.clock.wants_look) == (True, False)
