"""What decides which relay, lane and batch is next, and what slows one down."""

import json
from collections import Counter
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest

Rows = list[tuple[object, ...]]
RELAYS = [{"relay_id": 1, "weight": 3}, {"relay_id": 2, "weight": 1}, {"relay_id": 3, "weight": 0}]


class Desk:
    """A run over three relays, by hand."""

    def __init__(
        self, connection: psycopg.Connection, campaign: int = 1, priority: int = 0
    ) -> None:
        self.connection = connection
        pins = {
            "campaign_id": campaign, "routine": "postroad.none", "audience_version_id": 1,
            "revision_id": 1, "relay_id": 1, "is_personal": True, "sender_address": "me@x.org",
            "relays": RELAYS, "priority": priority,
        }  # fmt: skip
        self.run = self.value("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(pins))
        self.ask("UPDATE run SET state = 'running' WHERE id = %s", self.run)

    def ask(self, statement: str, *arguments: object) -> Rows:
        cursor = self.connection.execute(statement.encode(), arguments)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *arguments: object) -> object:
        return self.ask(statement, *arguments)[0][0]

    def batch(self, lane: str, people: int = 1, domain: str = "d.example") -> object:
        """A due batch of that lane; its mails are to people at `domain`."""
        first = int(str(self.value("SELECT count(*) FROM delivery")))
        numbers = list(range(first + 1, first + people + 1))
        batch = self.value(
            """INSERT INTO batch (run_id, lane, stage, priority, due_at, item_n, item_attempt,
                                  item_source, item_index)
               VALUES (%s, %s, 'dispatch', 0, now() - interval '1 s', %s, %s, %s, %s)
               RETURNING id""",
            self.run, lane, numbers, [1] * people, [1] * people, list(range(people)),
        )  # fmt: skip
        for n in numbers:
            self.ask(
                """INSERT INTO delivery (run_id, n, address, hash, lane, zone, batch_id, index,
                                         token, message_id, contact_key, name, data)
                   VALUES (%s, %s, %s, '', %s, '', %s, 0, '', '', '', '', '{}')""",
                self.run, n, f"p{n}@{domain}", lane, batch,
            )  # fmt: skip
        return batch

    def chosen(self, times: int = 200) -> Counter[object]:
        return Counter(
            row[0]
            for row in self.ask(
                "SELECT choose_relay(%s) FROM generate_series(1, %s)", self.run, times
            )
        )

    def claimed_lanes(self) -> list[object]:
        """Claims until there is none."""
        lanes = []
        while rows := self.ask("SELECT lane FROM claim_batch('dispatch', %s)", uuid4()):
            lanes.append(rows[0][0])
        return lanes


@pytest.fixture
def desk(database: str) -> Iterator[Desk]:
    with psycopg.connect(database, autocommit=True) as connection:
        yield Desk(connection)


def test_relays_share_by_weight_and_a_reserve_rests(desk: Desk) -> None:
    chosen = desk.chosen(400)
    assert chosen[3] == 0
    assert 240 < chosen[1] < 360
    assert chosen[1] + chosen[2] == 400


def test_a_stopped_relay_leaves_all_to_the_others_and_the_last_to_the_reserve(desk: Desk) -> None:
    desk.ask("SELECT stop_relay(1, NULL, 'refused')")
    assert desk.chosen() == {2: 200}
    desk.ask("SELECT stop_relay(2, now() + interval '1 hour', 'down')")
    assert desk.chosen() == {3: 200}
    desk.ask("SELECT stop_relay(3, NULL, 'refused')")
    assert desk.chosen() == {None: 200}
    desk.ask("SELECT start_relay(1, 'manager')")
    assert desk.chosen() == {1: 200}


def test_a_relay_whose_limit_is_used_up_is_passed_over_but_no_reserve_begins(desk: Desk) -> None:
    for relay in ("1", "2"):
        desk.ask("SELECT set_bucket('relay', %s, 60, NULL)", relay)
        desk.ask(
            "UPDATE bucket SET blocked_until = now() + interval '1 hour' WHERE key = %s", relay
        )
        assert desk.chosen() == {2: 200} if relay == "1" else {None: 200}


def test_a_blocked_lane_is_neither_claimed_nor_rung_for_and_delays_no_other(desk: Desk) -> None:
    for lane in ("a", "a", "b", "c"):
        desk.batch(lane)
    desk.ask("SELECT set_bucket('lane', 'a', 60, NULL)")
    desk.ask("UPDATE bucket SET blocked_until = now() + interval '1 hour' WHERE key = 'a'")
    rung = desk.ask("SELECT batch FROM ring_due('dispatch', false, 10, 10, 30)")
    assert len(rung) == 2
    assert sorted(map(str, desk.claimed_lanes())) == ["b", "c"]
    assert 3500 < float(str(desk.value("SELECT next_due('dispatch')"))) <= 3600


@pytest.mark.fault(11)
def test_a_request_to_slow_down_halves_the_lane_at_that_relay_once_in_half_a_minute(
    desk: Desk,
) -> None:
    desk.ask("SELECT set_bucket('relay', '1', 600, NULL)")
    desk.ask("INSERT INTO slow_reply VALUES (1, 'a', 'a.example', '421 4.7.0 slow')")
    assert desk.value("SELECT hear_slow_downs()") == 1
    desk.ask("INSERT INTO slow_reply VALUES (1, 'a', 'a.example', '421 4.7.0 slow')")
    desk.ask("SELECT hear_slow_downs()")
    found = desk.ask("SELECT key, per_minute, slow_times FROM bucket WHERE kind = 'slow'")
    assert found == [("1 a", 300, 2)]
    assert desk.value("SELECT count(*) FROM journal WHERE kind = 'slowed_down'") == 1
    desk.ask("UPDATE bucket SET slow_at = now() - interval '1 hour' WHERE kind = 'slow'")
    desk.ask("SELECT hear_slow_downs()")
    assert desk.ask("SELECT 1 FROM bucket WHERE kind = 'slow'") == []
    assert desk.value("SELECT count(*) FROM journal WHERE kind = 'slow_down_ended'") == 1


def test_a_domain_of_other_that_asks_to_slow_down_has_its_own_lane_from_then_on(
    desk: Desk,
) -> None:
    slow, quick = desk.batch("other", 3, "slow.example"), desk.batch("other", 2, "quick.example")
    desk.ask("INSERT INTO slow_reply VALUES (1, 'other', 'slow.example', '421 4.7.0 slow')")
    desk.ask("SELECT hear_slow_downs()")
    worker = uuid4()
    desk.ask("UPDATE batch SET owner = %s", worker)
    assert desk.value("SELECT split_promoted(%s, %s)", slow, worker) == 3
    assert desk.value("SELECT split_promoted(%s, %s)", quick, worker) == 0
    moved = "SELECT lane, cardinality(item_n) FROM batch WHERE owner IS NULL"
    assert desk.ask(moved) == [("slow.example", 3)]
    assert desk.value("SELECT lane_now('other', 'you@slow.example')") == "slow.example"
    assert desk.value("SELECT lane_now('other', 'you@quick.example')") == "other"


def test_a_warm_up_grows_by_the_day_up_to_the_cap(desk: Desk) -> None:
    desk.ask("SELECT set_bucket('relay', '1', NULL, 1000, NULL, 200, 50)")
    caps = [
        desk.value("SELECT cap_of_day(b, ramp_from + make_interval(days => %s)) FROM bucket b", day)
        for day in range(6)
    ]
    assert caps == [200, 300, 450, 675, 1000, 1000]


def test_an_urgent_batch_is_claimed_first_and_cheaply_beside_a_hundred_thousand_others(
    desk: Desk,
) -> None:
    desk.ask(
        """INSERT INTO batch (run_id, lane, stage, priority, due_at, item_n, item_attempt,
                              item_source, item_index)
           SELECT %s, 'lane ' || k %% 5, 'dispatch', 0, now() - interval '1 hour', '{1}', '{1}',
                  '{1}', '{0}'
           FROM generate_series(1, 100000) k""",
        desk.run,
    )
    desk.ask("ANALYZE batch")
    urgent = Desk(desk.connection, campaign=2, priority=1)
    for _ in range(2):
        urgent.batch("lane 1")
    # The first claim of a connection reads the functions too.
    assert desk.value("SELECT run_id FROM claim_batch('dispatch', %s)", uuid4()) == urgent.run
    plan = desk.value(
        "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT run_id FROM claim_batch('dispatch', %s)",
        uuid4(),
    )
    taken = "SELECT run_id FROM batch WHERE owner IS NOT NULL"
    assert desk.ask(taken) == [(urgent.run,)] * 2
    root = plan[0]["Plan"]  # type: ignore[index]
    assert root["Shared Hit Blocks"] + root["Shared Read Blocks"] < 100


def test_a_worker_that_is_busy_with_others_claims_urgent_batches_alone(desk: Desk) -> None:
    desk.batch("lane 1")
    urgent = Desk(desk.connection, campaign=2, priority=1)
    urgent.batch("lane 1")
    urgent.batch("lane 2")
    claimed = "SELECT run_id, lane FROM claim_batch('dispatch', %s, %s, %s)"
    assert desk.ask(claimed, uuid4(), None, ["lane 1"]) == [(urgent.run, "lane 2")]
    assert desk.ask(claimed, uuid4(), None, ["lane 1"]) == []
    assert desk.ask(claimed, uuid4(), ["lane 1"], None) == []
    assert desk.ask(claimed, uuid4(), [], None) == [(desk.run, "lane 1")]
    rung = """SELECT c.run_id FROM batch b JOIN run r ON r.id = b.run_id, LATERAL claim_rung(
                  b.run_id, r.epoch, b.id, 'dispatch', %s, %s, %s) c WHERE b.owner IS NULL"""
    assert desk.ask(rung, uuid4(), [], None) == []
    assert desk.ask(rung, uuid4(), None, []) == [(urgent.run,)]
