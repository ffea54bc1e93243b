"""The real engine as a `Driver`: PROTOCOL's transactions by the engine's SQL functions.

Each worker speaks through a connection of its own, manager and scheduler through
another. What the engine does not have yet is named: `has_files`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import namedtuple_row

from postroad.core.lifecycle import DeliveryState, FactKind

from . import postgres_stage as stage
from .driver import (
    Answer,
    Bucket,
    Claimed,
    Go,
    Limits,
    Outcome,
    Person,
    Ref,
    Report,
    Stage,
    Tables,
)
from .postgres_manager import ManagedByHand
from .postgres_tables import TableReader, facts_of, items_of

CONNECTIONS = 3
"""Of workers; more workers than that take turns."""
_CLAIMED: LiteralString = (
    "id, run_id, stage, claim, started_upto, item_n, item_attempt, item_source, item_index"
)
_DUE = """
    SELECT run_id, epoch, id, stage FROM (
        SELECT b.run_id, r.epoch, b.id, b.stage, b.priority,
               row_number() OVER (PARTITION BY b.run_id ORDER BY b.id) AS turn
        FROM batch b JOIN run r ON r.id = b.run_id
        WHERE b.stage <> 'done' AND b.owner IS NULL AND b.due_at <= now() AND now() < b.until
          AND r.state = CASE b.stage WHEN 'prepare' THEN 'preparing' ELSE 'running' END
          AND b.lane <> ALL (resting_lanes(r, b.stage))
          AND (b.rung_at IS NULL OR b.rung_at <= now() - make_interval(secs => %s))) d
    ORDER BY priority DESC, turn, id LIMIT %s
"""


class PostgresDriver(ManagedByHand):
    """One schedule's engine. `afresh` gives the next one, on the same connections."""

    more_pins: ClassVar[dict[str, object]] = {}
    has_ledger = True
    has_files = False

    def __init__(
        self, connections: Sequence[psycopg.Connection], limits: Limits | None = None
    ) -> None:
        self.connections = tuple(connections)
        self._hand, *self._wires = connections
        self.limits = limits or Limits()
        self._clock = 0.0
        self._runs = 0
        self._reader = TableReader(self._hand)
        self._seen: Tables | None = None
        self._moments: dict[tuple[str, str], list[float]] = {}

    def afresh(self) -> "PostgresDriver":
        """For the next schedule, on an empty stage."""
        stage.clear(self._hand)
        return type(self)(self.connections)

    # speaking

    def _wire(self, worker: int) -> psycopg.Connection:
        return self._wires[worker % len(self._wires)]

    def _row(
        self, connection: psycopg.Connection, call: LiteralString, *arguments: object
    ) -> Any | None:
        self._seen = None
        with connection.cursor(row_factory=namedtuple_row) as cursor:
            return cursor.execute(call, arguments).fetchone()

    def _value(self, call: LiteralString, *arguments: object) -> Any:
        row = self._row(self._hand, call, *arguments)
        return row[0] if row else None

    def _worker_value(self, worker: int, call: LiteralString, *arguments: object) -> Any:
        row = self._row(self._wire(worker), call, *arguments)
        return row[0] if row else None

    # the world outside

    def now(self) -> float:
        return self._clock

    def advance(self, seconds: float, beating: frozenset[int]) -> None:
        # Whole microseconds, as the database keeps them.
        self._clock = round(self._clock + seconds, 6)
        stage.set_clock(self._hand, self._clock)
        for worker in sorted(beating):
            self.beat(worker)
        self._seen = None

    def tables(self) -> Tables:
        if self._seen is None:
            self._seen = self._reader.read(self._moments)
        return self._seen

    def set_bucket(self, bucket: Bucket) -> None:
        a_minute = round(60 / bucket.interval) if bucket.interval else None
        self._value(
            "SELECT set_bucket(%s, %s, %s, %s)", bucket.kind, bucket.key, a_minute, bucket.per_day
        )

    def suppress(self, address: str) -> None:
        self._value(
            "SELECT suppress_address(sha256(convert_to(%s, 'UTF8')), %s, 'manager')",
            address,
            address,
        )

    def change_file(self, run: int, n: int) -> None:
        raise NotImplementedError

    # workers and their lease

    def join(self, worker: int) -> None:
        self.beat(worker)

    def beat(self, worker: int) -> None:
        lease = float(self.limits.dead_after)
        self._worker_value(
            worker, "SELECT beat(%s, 'h', 1, 'v', '{}', %s, 0, 0)", UUID(int=worker), lease
        )

    def reap(self) -> bool:
        return self._value("SELECT reap_batch()") is not None

    def disown(
        self, worker: int, batches: frozenset[tuple[int, int]], runs: frozenset[tuple[int, int]]
    ) -> None:
        stages = {row.id: row.stage for row in self.tables().batches}
        for each in (Stage.PREPARE, Stage.DISPATCH):
            kept = sorted(taking for taking in batches if stages[taking[0]] is each)
            self._disown(worker, each, kept)
        if not runs:
            self._disown(worker, "select", [])

    def _disown(self, worker: int, stage: str, kept: Sequence[tuple[int, int]]) -> None:
        numbers, claims = [number for number, _ in kept], [claim for _, claim in kept]
        call: LiteralString = "SELECT disown(%s, %s, %s::bigint[], %s::integer[])"
        self._worker_value(worker, call, UUID(int=worker), stage, numbers, claims)

    # P1 to P3

    def verify(self, campaign: int, people: Sequence[Person], *, urgent: bool) -> int:
        self._runs += 1
        with self._hand.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO stage.person VALUES (%s, %s, %s)",
                [(self._runs, place, person.address) for place, person in enumerate(people)],
            )
        pins = {
            "campaign_id": campaign,
            "routine": f"stage.people_{self._runs}",
            "audience_version_id": 1,
            "revision_id": 1,
            "relay_id": 1,
            "is_personal": True,
            "sender_address": "me@example.com",
            "priority": int(urgent),
            "batch_size": self.limits.batch_size,
            "window_size": self.limits.window,
            "backoff_seconds": [int(self.limits.backoff)],
            # So many back-offs, and a little: the engine gives up by time.
            "give_up_seconds": int(self.limits.backoff) * (self.limits.give_up_after - 1) + 60,
            "failure_limit": len(people) // 2,
        } | self.more_pins
        return int(self._value("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(pins)))

    def claim_run(self, worker: int) -> tuple[int, int] | None:
        row = self._row(
            self._wire(worker), "SELECT id, claim FROM claim_selecting(%s)", UUID(int=worker)
        )
        return (row.id, row.claim) if row else None

    def select(self, worker: int, run: int, claim: int) -> bool:
        call: LiteralString = "SELECT select_recipients(%s, %s, %s)"
        return self._worker_value(worker, call, run, UUID(int=worker), claim) is not None

    def prepare(self, worker: int, batch: int, claim: int, found: Mapping[int, FactKind]) -> bool:
        items = self._items(batch)
        slots = max((index for _, index in items), default=-1) + 1
        offsets = [-1] * slots
        for n, index in items:
            if found.get(n) is FactKind.PREPARED:
                offsets[index] = index
        failures = [
            {"n": n, "attempt": 0, "kind": kind, "cause": "a cause", "text": "A fault."}
            for n, kind in found.items()
            if kind is not FactKind.PREPARED
        ]
        return bool(
            self._worker_value(
                worker,
                "SELECT finish_prepare(%s, %s, %s, %s, 'bytes', %s, %s, %s, %s::bytea[], %s)",
                batch,
                UUID(int=worker),
                claim,
                f"worker {worker}",
                offsets,
                [1] * slots,
                [1] * slots,
                [b"hash"] * slots,
                json.dumps(failures),
            )
        )

    def _items(self, batch: int) -> list[tuple[int, int]]:
        """n and index of each."""
        call = "SELECT unnest(item_n), unnest(item_index) FROM batch WHERE id = %s"
        return self._hand.execute(call, [batch]).fetchall()

    def give_back(self, worker: int, batch: int, claim: int, wait: float) -> bool:
        call: LiteralString = "SELECT give_back(%s, %s, %s, %s)"
        return bool(self._worker_value(worker, call, batch, UUID(int=worker), claim, float(wait)))

    def launch(self, run: int, wait: float) -> bool:
        call: LiteralString = "SELECT was FROM launch_run(%s, NULL, %s, 'UTC', 'manager')"
        return bool(self._value(call, run, float(wait)) == "ready")

    def undo(self, run: int) -> bool:
        return bool(self._value("SELECT undo_launch(%s, 'manager')", run))

    def schedule(self) -> bool:
        """One purge a pass, so that others come between two of them."""
        advanced = self._value("SELECT advance_runs()")
        purged = self._value("SELECT purge_stopped() + purge_marked() + coalesce(end_overdue(), 0)")
        self._value("SELECT compact_counts()")
        return bool(advanced or purged)

    # P0, P4, P5, P6, P8

    def due(self, limit: int) -> Sequence[Ref]:
        rows = self._hand.execute(_DUE, [self.limits.ring_again, limit]).fetchall()
        return [Ref(run, epoch, batch, Stage(name)) for run, epoch, batch, name in rows]

    def rung(self, refs: Sequence[Ref]) -> None:
        batches = [ref.batch for ref in refs]
        self._hand.execute("UPDATE batch SET rung_at = now() WHERE id = ANY (%s)", [batches])

    def claim(self, worker: int, stage: Stage, ref: Ref | None) -> Claimed | None:
        wire, me = self._wire(worker), UUID(int=worker)
        if ref is None:
            row = self._row(wire, f"SELECT {_CLAIMED} FROM claim_batch(%s, %s)", stage, me)
        else:
            call: LiteralString = f"SELECT {_CLAIMED} FROM claim_rung(%s, %s, %s, %s, %s)"
            row = self._row(wire, call, ref.run, ref.epoch, ref.batch, stage, me)
        if row is None:
            return None
        items = items_of(row.item_n, row.item_attempt, row.item_source, row.item_index)
        return Claimed(row.id, row.run_id, Stage(row.stage), row.claim, items, row.started_upto)

    def report(
        self,
        worker: int,
        batch: int,
        claim: int,
        outcomes: Sequence[Outcome],
        hi: int | None,
        unbegun: Sequence[int] | None,
    ) -> Report:
        row = self._report(worker, batch, claim, outcomes, hi, unbegun)
        mark = self._value("SELECT started_upto FROM batch WHERE id = %s", batch)
        return Report(Answer(row.status), self._granted(row, batch), mark)

    def report_in_vain(
        self, worker: int, batch: int, claim: int, outcomes: Sequence[Outcome], hi: int | None
    ) -> None:
        """The connection breaks before the commit: the database takes all of it back."""
        with self._wire(worker).transaction(force_rollback=True):
            self._report(worker, batch, claim, outcomes, hi, None)

    def _report(
        self,
        worker: int,
        batch: int,
        claim: int,
        outcomes: Sequence[Outcome],
        hi: int | None,
        unbegun: Sequence[int] | None,
    ) -> Any:
        return self._row(
            self._wire(worker),
            "SELECT * FROM report_window(%s, %s, %s, %s, %s, %s, %s::smallint[])",
            batch,
            UUID(int=worker),
            claim,
            f"worker {worker}",
            facts_of(outcomes),
            hi,
            None if unbegun is None else [position + 1 for position in unbegun],
        )

    def _granted(self, row: Any, batch: int) -> tuple[Go, ...]:
        if row.status != "granted":
            return ()
        passed = set(row.passed)
        places = [place for place in range(row.lo, row.hi + 1) if place not in passed]
        moments = row.moments or [stage.moment(self._clock).timestamp()] * len(places)
        go = tuple(
            Go(place - 1, round(moment - stage.START.timestamp(), 6))
            for moment, place in zip(moments, places, strict=True)
        )
        self._note_moments(batch, [each.moment for each in go])
        return go

    def _note_moments(self, batch: int, moments: list[float]) -> None:
        """In the buckets that these mails drew on, for the promises about limits."""
        rows = self._hand.execute(
            """SELECT k.kind, k.key FROM batch b JOIN run r ON r.id = b.run_id
               JOIN bucket k ON (k.kind, k.key) IN (('relay', r.relay_id::text),
                                ('lane', b.lane), ('campaign', r.campaign_id::text))
               WHERE b.id = %s""",
            [batch],
        )
        for kind, key in rows.fetchall():
            self._moments.setdefault((kind, key), []).extend(moments)

    # looking at one run

    def in_state(self, run: int, state: DeliveryState) -> list[tuple[int, int]]:
        """n and attempt of each."""
        call = "SELECT n, attempt FROM delivery_state WHERE run_id = %s AND state = %s"
        return self._hand.execute(call, [run, state]).fetchall()

    def addresses(self, run: int) -> dict[int, str]:
        call = "SELECT n, address FROM delivery WHERE run_id = %s"
        return dict(self._hand.execute(call, [run]).fetchall())

    def alarms(self) -> list[str]:
        """What a recount found to differ from the counters."""
        call = "SELECT text FROM journal WHERE kind = 'alarm'"
        return [text for (text,) in self._hand.execute(call).fetchall()]
