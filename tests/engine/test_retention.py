"""The journal by month, and what has had its time."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from postroad.core.outcome import Phase
from postroad.testing.relay import Rule, Script

from .rig import a_rig

MONTHS = 24


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as made:
        yield made


def one(connection: psycopg.Connection, statement: str, *arguments: object) -> Any:
    row = connection.execute(statement.encode(), arguments).fetchone()
    assert row is not None
    return row[0]


def past_months(connection: psycopg.Connection, rows_each: int) -> None:
    """Two years of journal, with a run a month, a thousand recipients each."""
    for back in range(MONTHS, 0, -1):
        connection.execute(
            "SELECT make_journal_month('journal_' || to_char(m, 'YYYY_MM'),"
            " date_trunc('month', m, 'UTC'), date_trunc('month', m + interval '1 month', 'UTC'))"
            " FROM (SELECT date_trunc('month', now(), 'UTC') - make_interval(months => %s)"
            " + interval '1 hour' AS m) w",
            [back],
        )
    connection.execute(
        "INSERT INTO run (campaign_id, state, routine, audience_version_id, revision_id, relay_id,"
        " is_personal, sender_address, created_at, finished_at)"
        " SELECT 1, 'finished', 'r', 1, 1, 1, true, 's@example.org', t, t FROM (SELECT"
        " date_trunc('month', now(), 'UTC') - make_interval(months => b) + interval '1 hour' AS t"
        " FROM generate_series(%s, 1, -1) b) m",
        [MONTHS],
    )
    connection.execute(
        "INSERT INTO journal (run_id, n, attempt, kind, actor, at, recorded_at)"
        " SELECT r.id, k %% 1000 + 1, 1, 'accepted', 'worker', r.created_at, r.created_at"
        " FROM run r, generate_series(1, %s) k ORDER BY r.id, k",
        [rows_each],
    )
    connection.execute("ANALYZE journal")


def buffers(connection: psycopg.Connection, query: str, **asked: object) -> int:
    plan = connection.execute(
        f"EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) {query}".encode(), asked
    ).fetchone()
    assert plan is not None
    top = plan[0][0]["Plan"]
    return int(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def test_a_row_goes_into_its_month_and_ids_stay_in_order(connection: psycopg.Connection) -> None:
    first = one(connection, "SELECT count(*) FROM journal_rest")
    connection.execute("SELECT journal_act('a', 'x', 't'), journal_act('b', 'x', 't')")
    ids = [row[0] for row in connection.execute("SELECT id FROM journal ORDER BY id").fetchall()]
    assert len(ids) == len(set(ids)) >= 2
    assert one(connection, "SELECT count(*) FROM journal_rest") == first == 0
    assert one(connection, "SELECT keep_journal_months(2)") == 0, "they are made ahead"


def test_rows_outside_every_month_are_kept_and_raise_an_alarm(
    connection: psycopg.Connection,
) -> None:
    connection.execute(
        "INSERT INTO journal (kind, actor, recorded_at)"
        " VALUES ('x', 'y', now() + interval '4 months')"
    )
    connection.execute("SELECT keep_journal_months(2)")
    assert one(connection, "SELECT text FROM list_alarms()").startswith("Journal rows lie outside")
    # Once there is a month for them they are moved into it, and the alarm is over.
    assert one(connection, "SELECT keep_journal_months(5)") == 3
    assert one(connection, "SELECT count(*) FROM list_alarms()") == 0
    assert one(connection, "SELECT count(*) FROM journal_rest") == 0
    assert one(connection, "SELECT count(*) FROM journal WHERE kind = 'x'") == 1


def test_timeline_and_journal_pages_stay_cheap_at_two_years(
    connection: psycopg.Connection,
) -> None:
    from postroad.store.queries import query

    past_months(connection, 5000)
    oldest = one(connection, "SELECT min(id) FROM run")
    newest = one(connection, "SELECT max(id) FROM run")
    facts = query("delivery_facts")
    assert buffers(connection, facts, run_id=newest, n=5, limit=100) < 40
    assert buffers(connection, facts, run_id=oldest, n=5, limit=100) < 120
    page = query("journal_list")
    asked = {"kind": "", "run_id": None, "actor": "", "text": "", "limit": 51}
    last = one(connection, "SELECT max(id) FROM journal")
    for upto in (last + 1, last // 2):
        spent = buffers(connection, page, before=upto, floor=max(0, upto - 200_000), **asked)
        assert spent < 400
    assert buffers(connection, query("journal_newest")) < 120


def test_a_month_that_has_had_its_time_is_dropped_and_journaled(
    connection: psycopg.Connection,
) -> None:
    past_months(connection, 10)
    before = one(connection, "SELECT count(*) FROM journal")
    assert one(connection, "SELECT drop_journal_month(23)") is not None
    assert one(connection, "SELECT drop_journal_month(23)") is None
    assert one(connection, "SELECT count(*) FROM journal WHERE kind = 'accepted'") == before - 10
    assert one(connection, "SELECT count(*) FROM journal WHERE kind = 'retention'") == 1


def test_a_month_that_is_being_written_is_left_for_the_next_time(
    connection: psycopg.Connection, database: str
) -> None:
    past_months(connection, 10)
    with psycopg.connect(database) as writer:
        writer.execute("SELECT journal_act('a', 'x', 't')")
        assert one(connection, "SELECT drop_journal_month(1)") is None
    assert one(connection, "SELECT drop_journal_month(1)") is not None


@pytest.mark.asyncio
async def test_prepared_mails_go_after_their_time_but_not_those_that_wait_for_a_person(
    database: str,
) -> None:
    async with a_rig(database) as rig:
        run = await rig.finish(250)
        rig.call("UPDATE run SET finished_at = now() - interval '91 days' RETURNING 1")
        unknown = '[{"n": 150, "attempt": 1, "kind": "unknown"}]'
        other = await rig.finish(5, campaign_id=2)
        rig.connection.execute(
            "UPDATE delivery_state SET state = 'unknown', fact = 'unknown' WHERE run_id = %s"
            " AND n = 150", [run],
        )  # fmt: skip
        rig.call("SELECT list_attention(%s, %s, '{150}')::text", run, unknown)
        assert rig.call("SELECT drop_prepared(90)") == (2,)
        assert rig.call("SELECT drop_prepared(90)") == (0,)
        kept = rig.connection.execute(
            "SELECT p.run_id, d.n FROM prepared p JOIN delivery d USING (batch_id)"
            " WHERE p.run_id = %s AND d.n = 150 OR d.run_id = %s AND d.n = 1", [run, other],
        ).fetchall()  # fmt: skip
        assert sorted(kept) == [(run, 150), (other, 1)]
        assert rig.call("SELECT count(*) FROM journal WHERE kind = 'retention'") == (1,)
        assert rig.call("SELECT count(*) FROM delivery WHERE run_id = %s", run) == (250,)


@pytest.mark.asyncio
async def test_a_dead_letter_whose_bytes_are_gone_is_not_requeued(database: str) -> None:
    script = Script(rules=(Rule(Phase.RCPT, reply="550 5.1.1 no", recipient="*person3@*"),))
    async with a_rig(database, script) as rig:
        run = await rig.finish(5)
        await rig.stop_workers()
        dead = "UPDATE delivery_state SET state = 'dead', fact = 'dead' WHERE run_id = %s AND n = 3"
        rig.connection.execute(dead, [run])
        rig.call("UPDATE attention SET state = 'dead', mark = 'discarded' RETURNING 1")
        rig.call("UPDATE run SET finished_at = now() - interval '91 days' RETURNING 1")
        assert rig.call("SELECT drop_prepared(90)") == (1,)
        assert rig.call("SELECT discard_dead(%s, 3, true, 'manager')", run) == (True,)
        assert rig.call("SELECT requeue_dead(%s, 3, 1, 'manager')", run) == ("gone",)
        assert rig.state(run) == "finished", "nothing that cannot be sent opens it again"
        assert rig.call("SELECT count(*) FROM retry") == (0,)


@pytest.mark.asyncio
async def test_lost_tries_are_forgotten_with_the_bytes_of_their_mails(database: str) -> None:
    async with a_rig(database) as rig:
        run = await rig.finish(2)
        rig.connection.execute(
            "INSERT INTO lost_try (worker, run_id, n, attempt, claim, lost_at)"
            " SELECT gen_random_uuid(), %s, n, 1, 1, now() - make_interval(days => 88 + n)"
            " FROM generate_series(1, 2) n", [run],
        )  # fmt: skip
        assert rig.call("SELECT drop_lost_tries(90)") == (1,)
        assert rig.call("SELECT drop_lost_tries(90)") == (0,)
        assert rig.call("SELECT n FROM lost_try") == (1,)
