"""The protocol's SQL functions as typed calls; each is one transaction.

The connection pool is in autocommit: one statement, one transaction, nothing
ever idle inside one. A frozen worker can therefore hold no lock.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import LiteralString, TypeVar
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import DictRow, class_row, dict_row
from psycopg_pool import AsyncConnectionPool

from postroad.core.ids import BatchId, RelayId, RevisionId, RunId, WorkerId
from postroad.dsn import pinned
from postroad.engine.clock import ServerClock
from postroad.engine.doorbell.port import Reference
from postroad.engine.facts import FactRow, encode

Pool = AsyncConnectionPool[psycopg.AsyncConnection[DictRow]]
Row = TypeVar("Row")

_RESTED_SECONDS = 1.0
_used_at: WeakKeyDictionary[psycopg.AsyncConnection[DictRow], float] = WeakKeyDictionary()


def open_pool(dsn: str, size: int) -> Pool:
    """A pool, not yet opened. Statement time-out: no call takes minutes."""
    options = "statement_timeout=600s", "idle_in_transaction_session_timeout=30s", "jit=off"
    return AsyncConnectionPool(
        pinned(dsn, *options),
        min_size=1,
        max_size=size,
        open=False,
        timeout=30,
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
        },
        check=_check,
        reset=_note_use,
    )


async def _check(connection: psycopg.AsyncConnection[DictRow]) -> None:
    """Ask a connection that has rested whether it lives; a busy one would have shown it."""
    if time.monotonic() - _used_at.get(connection, 0.0) > _RESTED_SECONDS:
        await AsyncConnectionPool.check_connection(connection)


async def _note_use(connection: psycopg.AsyncConnection[DictRow]) -> None:
    _used_at[connection] = time.monotonic()


@dataclass(frozen=True, slots=True)
class ClaimedRun:
    id: RunId
    claim: int


@dataclass(frozen=True, slots=True)
class ClaimedBatch:
    """A batch that this worker owns, with the pins of its run."""

    id: BatchId
    run_id: RunId
    lane: str
    claim: int
    started_upto: int
    size: int
    window_size: int
    revision_id: RevisionId
    relay_id: RelayId
    is_urgent: bool
    is_personal: bool
    sender_name: str
    sender_address: str
    reply_to: str
    postal_address: str
    public_url: str


@dataclass(frozen=True, slots=True)
class LoadedRecipient:
    n: int
    index: int
    address: str
    name: str
    data: dict[str, object]
    message_id: str
    token: bytes


@dataclass(frozen=True, slots=True)
class LoadedMail:
    place: int
    n: int
    attempt: int
    address: str
    source: BatchId
    head_offset: int
    head_length: int
    size: int


@dataclass(frozen=True, slots=True)
class WindowReport:
    """See report_window.sql."""

    status: str
    lo: int | None
    hi: int | None
    passed: list[int] | None
    moments: list[float] | None
    life_s: float | None
    wait_s: float | None
    heard_at: float
    told_at: float | None
    unanswered_count: int | None


@dataclass(frozen=True, slots=True)
class PreparedBatch:
    """What finish_prepare keeps; lists by index of the batch."""

    body: bytes
    offsets: list[int]
    lengths: list[int]
    sizes: list[int]
    sha256s: list[bytes | None]
    failures: list[FactRow]


@dataclass(frozen=True, slots=True)
class Room:
    """What a worker has a place for: lanes of which it takes no batch now; None: all."""

    not_lanes: Sequence[str] | None = ()
    not_urgent: Sequence[str] | None = ()
    """The same for urgent runs."""

    @property
    def is_urgent_only(self) -> bool:
        return self.not_lanes is None

    @property
    def is_for_all(self) -> bool:
        """No lane is left out."""
        return all(each is not None and not each for each in (self.not_lanes, self.not_urgent))


ALL = Room()
Claim = Callable[[str, Room], Awaitable[ClaimedBatch | None]]
"""How a worker comes by a batch of a stage: by the bell, or by looking."""

_CLAIMED: LiteralString = """
    SELECT b.id, b.run_id, b.lane, b.claim, b.started_upto, cardinality(b.item_n) AS size,
           r.window_size, r.revision_id, coalesce(b.relay_id, r.relay_id) AS relay_id,
           r.priority > 0 AS is_urgent, r.is_personal, r.sender_name, r.sender_address, r.reply_to,
           r.postal_address, r.public_url
    FROM {claim} b JOIN run r ON r.id = b.run_id"""
_CLAIM: LiteralString = _CLAIMED.replace("{claim}", "claim_batch(%s, %s, %s, %s)")
_CLAIM_RUNG: LiteralString = _CLAIMED.replace("{claim}", "claim_rung(%s, %s, %s, %s, %s, %s, %s)")


class Protocol:
    """All that a worker says to the database."""

    def __init__(self, pool: Pool, worker: WorkerId) -> None:
        self.pool = pool
        self.worker = worker
        self.actor = f"worker {str(worker)[:8]}"
        self.clock = ServerClock()

    async def value(self, call: LiteralString, *args: object) -> object:
        """The single value that a call returns."""
        async with self.pool.connection() as connection:
            row = await (await connection.execute(call, args)).fetchone()
        return next(iter(row.values())) if row else None

    async def rows(self, kind: type[Row], call: LiteralString, *args: object) -> list[Row]:
        """What a call returns, a `kind` a row."""
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(kind)) as cursor,
        ):
            return await (await cursor.execute(call, args)).fetchall()

    async def claim_selecting(self) -> ClaimedRun | None:
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(ClaimedRun)) as cursor,
        ):
            await cursor.execute("SELECT id, claim FROM claim_selecting(%s)", [self.worker])
            return await cursor.fetchone()

    async def select_recipients(self, run: ClaimedRun) -> object:
        return await self.value(
            "SELECT select_recipients(%s, %s, %s)", run.id, self.worker, run.claim
        )

    async def claim_batch(self, stage: str, room: Room = ALL) -> ClaimedBatch | None:
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(ClaimedBatch)) as cursor,
        ):
            await cursor.execute(_CLAIM, [stage, self.worker, *_lanes(room)])
            return await cursor.fetchone()

    async def claim_rung(self, rung: Reference, room: Room = ALL) -> ClaimedBatch | None:
        """None: the reference was stale, or there is no room for it: to be forgotten."""
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(ClaimedBatch)) as cursor,
        ):
            named = rung.run, rung.epoch, rung.batch, rung.stage
            await cursor.execute(_CLAIM_RUNG, [*named, self.worker, *_lanes(room)])
            return await cursor.fetchone()

    async def ring_due(self, stage: str, *limits: object) -> list[Reference]:
        """Marks what is to be rung for now; see ring_due.sql."""
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(Reference)) as cursor,
        ):
            await cursor.execute("SELECT * FROM ring_due(%s, %s, %s, %s, %s)", [stage, *limits])
            return await cursor.fetchall()

    async def next_due(self, stage: str) -> float | None:
        """Seconds until the next waiting batch of a stage falls due."""
        seconds = await self.value("SELECT next_due(%s)", stage)
        return None if seconds is None else float(str(seconds))

    async def split_promoted(self, batch: ClaimedBatch) -> int:
        """Mails of domains that have their own lane by now leave it; how many."""
        moved = await self.value("SELECT split_promoted(%s, %s)", batch.id, self.worker)
        return int(str(moved))

    async def give_back(self, batch: ClaimedBatch, wait_seconds: float) -> None:
        await self.value(
            "SELECT give_back(%s, %s, %s, %s)", batch.id, self.worker, batch.claim, wait_seconds
        )

    async def load_recipients(self, batch: ClaimedBatch) -> list[LoadedRecipient]:
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(LoadedRecipient)) as cursor,
        ):
            await cursor.execute("SELECT * FROM load_recipients(%s)", [batch.id])
            return await cursor.fetchall()

    async def finish_prepare(self, batch: ClaimedBatch, done: PreparedBatch) -> bool:
        return bool(
            await self.value(
                "SELECT finish_prepare(%s, %s, %s, %s, %b, %s, %s, %s, %b, %s)",
                batch.id,
                self.worker,
                batch.claim,
                self.actor,
                done.body,
                done.offsets,
                done.lengths,
                done.sizes,
                done.sha256s,
                encode(done.failures),
            )
        )

    async def load_mails(self, batch: ClaimedBatch) -> list[LoadedMail]:
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(LoadedMail)) as cursor,
        ):
            await cursor.execute("SELECT * FROM load_mails(%s)", [batch.id])
            return await cursor.fetchall()

    async def load_bodies(self, sources: list[BatchId]) -> dict[BatchId, bytes]:
        """The compressed bodies by source batch."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT batch_id, body FROM prepared WHERE batch_id = ANY (%s)",
                [sources],
                binary=True,
            )
            return {row["batch_id"]: row["body"] for row in await cursor.fetchall()}

    async def report_window(
        self,
        batch: ClaimedBatch,
        facts: list[FactRow],
        hi: int | None,
        unbegun: list[int] | None,
        spare: int = 0,
    ) -> WindowReport:
        async with (
            self.pool.connection() as connection,
            connection.cursor(row_factory=class_row(WindowReport)) as cursor,
        ):
            told = encode(facts)
            sent_at = time.monotonic()
            await cursor.execute(
                "SELECT * FROM report_window(%s, %s, %s, %s, %s, %s, %s, %s)",
                [batch.id, self.worker, batch.claim, self.actor, told, hi, unbegun, spare],
            )
            row = await cursor.fetchone()
            read_at = time.monotonic()
            if row is None:
                raise LookupError("A function with OUT parameters returned no row.")
            if row.told_at is not None:
                self.clock.note(sent_at, row.heard_at, row.told_at, read_at)
            if row.moments:
                await self._look_at_clock(connection)
        return row

    async def _look_at_clock(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        """Until moments of the database mean something: a first call may have taken long."""
        while self.clock.wants_look:
            sent_at = time.monotonic()
            cursor = await connection.execute(
                "SELECT extract(epoch FROM clock_timestamp())::float8 AS at"
            )
            if (told := await cursor.fetchone()) is not None:
                self.clock.look(sent_at, told["at"], time.monotonic())

    async def record(self, run: RunId, batch: BatchId, facts: list[FactRow]) -> None:
        """Facts that no window waits for; never fenced."""
        await self.value(
            "SELECT record_facts(%s, %s, %s, %s)", run, batch, self.actor, encode(facts)
        )

    async def may_go_on(self, batches: list[BatchId]) -> set[BatchId]:
        """Of these, the ones whose run is running and whose time is not over, nor their queue."""
        async with self.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT b.id FROM batch b JOIN run r ON r.id = b.run_id"
                " WHERE b.id = ANY (%s) AND r.state = 'running' AND now() < b.until",
                [batches],
            )
            return {row["id"] for row in await cursor.fetchall()}

    async def disown(self, stage: str, known: list[ClaimedBatch]) -> int:
        """Give up what this worker owns at a stage beyond these takings."""
        freed = await self.value(
            "SELECT disown(%s, %s, %s::bigint[], %s::integer[])",
            self.worker,
            stage,
            [batch.id for batch in known],
            [batch.claim for batch in known],
        )
        return int(str(freed))

    async def stop_relay(self, relay: RelayId, pause: float | None, reason: str) -> None:
        """Out of use for `pause` seconds, or until a person acts."""
        await self.value(
            "SELECT stop_relay(%s, now() + make_interval(secs => %s::double precision), %s)",
            relay,
            pause,
            reason,
        )

    async def start_relay(self, relay: RelayId) -> None:
        await self.value("SELECT start_relay(%s, 'program')", relay)


def _lanes(room: Room) -> list[list[str] | None]:
    return [None if each is None else list(each) for each in (room.not_lanes, room.not_urgent)]
