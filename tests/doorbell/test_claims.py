"""Gray's points, which every engine inherits from the batch table; and the bound ahead."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any, LiteralString
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from postroad.core.ids import BatchId, RunId, WorkerId
from postroad.engine.doorbell.hearing import Hearing
from postroad.engine.doorbell.memory import MemoryDoorbell, MemoryQueues
from postroad.engine.doorbell.port import NotRung, Reference
from postroad.engine.protocol import ALL, Protocol, Room, open_pool
from postroad.testing.product import furnish

LONG = 3600.0
POLLS = (
    "SELECT * FROM claim_batch('prepare', '{w}')",
    "SELECT * FROM claim_batch('dispatch', '{w}')",
    "SELECT * FROM claim_rung(1, 0, 1, 'dispatch', '{w}')",
    "SELECT * FROM ring_due('dispatch', false, 2000, 2000, 30)",
    "SELECT next_due('dispatch')",
)


class Hand:
    """A worker played by hand."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self.id: UUID = uuid4()
        self._connection = connection
        stages = ["select", "prepare", "dispatch"]
        self.ask("SELECT beat(%s, 'here', 1, 'test', %s, 600, 0, 0)", self.id, stages)

    def ask(self, sql: LiteralString, *parameters: object) -> list[dict[str, Any]]:
        return self._connection.execute(sql, parameters or None).fetchall()

    def select(self) -> None:
        while found := self.ask("SELECT id, claim FROM claim_selecting(%s)", self.id):
            self.ask(
                "SELECT select_recipients(%s, %s, %s)", found[0]["id"], self.id, found[0]["claim"]
            )

    def change(self, sql: LiteralString) -> None:
        self._connection.execute(sql)


@pytest.fixture
def hand(dsn: str) -> Iterator[Hand]:
    """One worker, and two runs of four batches each that wait to be prepared."""
    furnish(dsn, 25)
    with psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as connection:
        hand = Hand(connection)
        hand.change(
            "INSERT INTO contact (address, address_key, name) SELECT a, a, 'Person'"
            " FROM (SELECT 'person' || k || '@example.org' AS a FROM generate_series(1, 400) k) p"
        )
        for campaign in (1, 2):
            pins = {
                "campaign_id": campaign, "routine": "postroad.everybody_v1",
                "audience_version_id": 1, "revision_id": 1, "relay_id": 1, "is_personal": True,
                "sender_address": "me@example.com",
            }  # fmt: skip
            hand.ask("SELECT * FROM make_run(%s, 'manager')", json.dumps(pins))
        hand.select()
        yield hand


@pytest.mark.parametrize("poll", POLLS)
def test_a_poll_that_finds_nothing_locks_nothing_and_writes_nothing(
    poll: str, dsn: str, hand: Hand
) -> None:
    hand.change("UPDATE batch SET due_at = NULL")
    with psycopg.connect(dsn) as polling:
        row = polling.execute(poll.replace("{w}", str(uuid4())).encode()).fetchone()
        assert row in (None, (None,))
        held = polling.execute(
            "SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
        ).fetchall()
        # What locks or changes a row takes a transaction number, and what keeps others out a mode.
        assert polling.execute("SELECT pg_current_xact_id_if_assigned()").fetchone() == (None,)
        assert {mode for (mode,) in held} <= {
            "AccessShareLock", "RowShareLock", "RowExclusiveLock"
        }  # fmt: skip


def test_an_aborted_claim_is_visible_at_once(dsn: str, hand: Hand) -> None:
    reference = hand.ask(
        "SELECT run_id, epoch, batch.id, stage FROM batch JOIN run ON run.id = run_id LIMIT 1"
    )[0]
    claim: LiteralString = "SELECT id FROM claim_rung(%s, %s, %s, %s, %s)"
    with psycopg.connect(dsn) as aborted:
        assert aborted.execute(claim, [*reference.values(), uuid4()]).fetchone()
        assert hand.ask("SELECT count(*) AS n FROM batch WHERE owner IS NULL")[0]["n"] == 8
        aborted.rollback()
        assert hand.ask(claim, *reference.values(), hand.id)


def test_what_another_is_claiming_is_passed_over(dsn: str, hand: Hand) -> None:
    with psycopg.connect(dsn) as claiming:
        claimed = claiming.execute(
            "SELECT id FROM claim_batch('prepare', %s)", [uuid4()]
        ).fetchone()
        others = {row["id"] for _ in range(7) for row in hand.ask(
            "SELECT id FROM claim_batch('prepare', %s)", hand.id
        )}  # fmt: skip
        assert claimed is not None
        assert len(others | {claimed[0]}) == 8


def rung(hand: Hand, bound: int, sweep: float = 30) -> list[int]:
    """The runs whose batches were rung for, in order of the batches."""
    rows = hand.ask("SELECT * FROM ring_due('prepare', false, %s, 100, %s)", bound, sweep)
    return sorted(row["run"] for row in rows)


def test_so_many_are_rung_ahead_and_runs_take_turns(hand: Hand) -> None:
    first, second = (row["id"] for row in hand.ask("SELECT id FROM run ORDER BY id"))
    assert rung(hand, 4) == [first, first, second, second]
    assert rung(hand, 4) == []
    assert len(rung(hand, 6)) == 2


def test_what_was_rung_for_and_not_taken_is_rung_again(hand: Hand) -> None:
    assert len(rung(hand, 2000)) == 8
    assert rung(hand, 2000) == []
    assert len(rung(hand, 2000, sweep=0)) == 8


def test_a_claim_makes_room_and_a_batch_that_is_given_back_is_rung_for_again(hand: Hand) -> None:
    assert len(rung(hand, 8)) == 8
    batch = hand.ask("SELECT id, claim FROM claim_batch('prepare', %s)", hand.id)[0]
    assert rung(hand, 8) == []
    hand.ask("SELECT give_back(%s, %s, %s, 0)", batch["id"], hand.id, batch["claim"])
    assert len(rung(hand, 8)) == 1


def test_what_the_broker_did_not_confirm_is_rung_for_at_the_next_turn(hand: Hand) -> None:
    rows = hand.ask("SELECT batch FROM ring_due('prepare', false, 8, 100, 30)")
    hand.ask("SELECT unring(%s)", [row["batch"] for row in rows])
    assert len(rung(hand, 8)) == 8


def test_an_idle_worker_is_told_when_the_next_batch_falls_due(hand: Hand) -> None:
    hand.change("UPDATE batch SET due_at = now() + interval '90 s'")
    hand.change(
        "UPDATE batch SET due_at = now() + interval '7 s' WHERE id = (SELECT min(id) FROM batch)"
    )
    told = hand.ask("SELECT next_due('prepare') AS seconds")[0]["seconds"]
    assert 5 < told <= 7


class Leaderless(MemoryDoorbell):
    """One whose urgent queues confirm nothing."""

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        if urgent:
            raise NotRung("no leader")
        await super().ring(references)


def test_a_queue_that_confirms_nothing_silences_no_other(dsn: str, hand: Hand) -> None:
    urgent = hand.ask("UPDATE run SET priority = 1 WHERE id = 1 RETURNING id")
    hand.ask("UPDATE batch SET priority = 1 WHERE run_id = %s RETURNING id", urgent[0]["id"])
    queues = MemoryQueues()

    async def top_up() -> None:
        async with open_pool(dsn, 1) as pool:
            protocol = Protocol(pool, WorkerId(hand.id))
            await Hearing(Leaderless(queues), protocol, 5, 30, time.monotonic).top_up()

    asyncio.run(top_up())
    assert len(queues.waiting["prepare", False]) == 4
    told = {row["name"]: row["waiting"] for row in hand.ask("SELECT * FROM broker_queue")}
    assert told == dict.fromkeys(("prepare", "prepare.urgent", "dispatch", "dispatch.urgent"), 0)
    waiting = hand.ask("SELECT DISTINCT run_id, rung_at IS NULL AS unrung FROM batch ORDER BY 1")
    assert [row["unrung"] for row in waiting] == [True, False]


def test_after_a_reference_that_is_stale_a_worker_looks_at_once(dsn: str, hand: Hand) -> None:
    """What is due was marked as rung perhaps, and is not rung for again for long."""
    named = hand.ask(
        "SELECT run_id, epoch, batch.id, stage FROM batch JOIN run ON run.id = run_id"
        " ORDER BY batch.id LIMIT 1"
    )[0]
    reference = Reference(RunId(named["run_id"]), named["epoch"], BatchId(named["id"]), "prepare")

    async def claims() -> list[BatchId | None]:
        bell = MemoryDoorbell(MemoryQueues())
        async with open_pool(dsn, 1) as pool:
            # The time stands still: no look of its own is due after the first reference.
            hearing = Hearing(bell, Protocol(pool, WorkerId(hand.id)), LONG, LONG, lambda: 1.0)
            found: list[BatchId | None] = []
            for rings in (True, False, True):
                if rings:
                    await bell.ring([reference])
                claimed = await hearing.claim("prepare", ALL)
                found.append(claimed.id if claimed else None)
            return found

    rung, unheard, looked = asyncio.run(claims())
    assert rung == named["id"]
    assert unheard is None
    assert looked not in (None, named["id"])


def test_what_was_forgotten_for_want_of_room_is_looked_for_when_there_is_room(
    dsn: str, hand: Hand
) -> None:
    """Nobody rings for it again soon, and this worker would look in an hour."""
    hand.change("UPDATE run SET state = 'running'")
    hand.change("UPDATE batch SET stage = 'dispatch', due_at = now()")
    busy = Room(["other"])

    async def claims() -> list[bool]:
        async with open_pool(dsn, 1) as pool:
            protocol = Protocol(pool, WorkerId(hand.id))
            bell = MemoryDoorbell(MemoryQueues())
            hearing = Hearing(bell, protocol, 3600, 3600, time.monotonic)
            found = []
            await hearing.claim("dispatch", busy)  # The first look, at its start.
            await hearing.top_up()
            for room in (busy, Room(), busy):
                found.append(await hearing.claim("dispatch", room) is not None)
                hearing.made_room("dispatch")
            while await hearing.claim("dispatch", Room()):
                hearing.made_room("dispatch")
            hand.change("UPDATE batch SET owner = NULL")
            hearing.made_room("dispatch")
            found.append(await hearing.claim("dispatch", Room()) is not None)
            return found

    assert asyncio.run(claims()) == [False, True, False, False]
    assert hand.ask("SELECT count(*) FROM batch WHERE claim = 1") == [{"count": 8}]
