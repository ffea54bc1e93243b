"""The pools of connections to relays that a worker keeps."""

import asyncio
from collections.abc import Callable
from math import inf
from time import monotonic

import structlog

from postroad.core.ids import RelayId
from postroad.core.mail import Mail, RelayLoader, RelayTarget
from postroad.core.outcome import Outcome
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.timeouts import Timeouts

_log = structlog.get_logger()

FRESH_SECONDS = 1.0
"""For so long a relay's settings are not read again."""

Answer = Callable[[Mail, Outcome], None]
Refused = Callable[[RelayId, RelayRefusal], None]


class RelayPools:
    """One pool a relay.

    A relay whose settings changed gets a new pool; the old one answers what it
    has and is closed.
    """

    def __init__(
        self,
        load: RelayLoader,
        timeouts: Timeouts,
        answer: Answer,
        refused: Refused,
        may_begin: Callable[[], bool],
        about_to_dot: Callable[[Mail], bool],
        took: Callable[[float], None],
    ) -> None:
        self._load = load
        self._timeouts = timeouts
        self._answer = answer
        self._refused = refused
        self._may_begin = may_begin
        self._about_to_dot = about_to_dot
        self._took = took
        self._pools: dict[RelayId, tuple[RelayTarget, Pool]] = {}
        self._read_at: dict[RelayId, float] = {}
        self._closing: set[asyncio.Task[object]] = set()

    @property
    def in_flight(self) -> int:
        return sum(pool.in_flight for _target, pool in self._pools.values())

    async def get(self, relay: RelayId) -> Pool:
        if relay in self._pools and monotonic() - self._read_at.get(relay, -inf) < FRESH_SECONDS:
            return self._pools[relay][1]
        target = await asyncio.to_thread(self._load, relay)
        self._read_at[relay] = monotonic()
        if relay in self._pools:
            known, pool = self._pools[relay]
            if known == target:
                return pool
            self._retire(pool)
        pool = Pool(
            target,
            self._timeouts,
            self._answer,
            refused=lambda refusal: self._was_refused(relay, refusal),
            may_begin=self._may_begin,
            about_to_dot=self._about_to_dot,
        )
        pool.took = self._took
        self._pools[relay] = (target, pool)
        return pool

    def _was_refused(self, relay: RelayId, refusal: RelayRefusal) -> None:
        # What a person mends now counts from the next batch on.
        self._read_at.pop(relay, None)
        self._refused(relay, refusal)

    def _retire(self, pool: Pool) -> None:
        task: asyncio.Task[object] = asyncio.ensure_future(self._drain(pool))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _drain(self, pool: Pool) -> None:
        await pool.drain()
        await pool.close()

    async def close(self) -> None:
        for _target, pool in self._pools.values():
            await pool.close()
        if self._closing:
            await asyncio.wait(self._closing, timeout=5)
