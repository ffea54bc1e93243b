"""The database's rules are those of core/lifecycle.py."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postroad.core.lifecycle import (
    FACT_RULES,
    DeliveryState,
    Fact,
    FactKind,
    Folded,
    RunState,
    fold,
)
from postroad.store.migrations import __name__ as migrations_name
from postroad.testing.database import TestServer

FACTS = st.builds(Fact, st.integers(0, 4), st.sampled_from(FactKind))


@pytest.fixture
def connection(database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database, autocommit=True) as opened:
        yield opened


def test_every_fact_has_the_same_rule_in_both(connection: psycopg.Connection) -> None:
    rows = connection.execute("SELECT kind, state, mark, over_all, strength FROM fact_rule")
    found = {
        kind: (state, mark, over_all, strength) for kind, state, mark, over_all, strength in rows
    }
    assert found == {
        kind.value: (
            rule.state.value,
            rule.mark.value if rule.mark else None,
            rule.over_all,
            rule.over_all * 2**40 + rule.rank * 32 + 31 - position,
        )
        for position, kind in enumerate(FactKind)
        for rule in [FACT_RULES[kind]]
    }


@pytest.mark.parametrize(
    ("constraint", "states"),
    [("run_state_known", RunState), ("delivery_state_known", DeliveryState)],
)
def test_the_check_constraints_know_the_same_states(
    connection: psycopg.Connection,
    constraint: str,
    states: type[RunState] | type[DeliveryState],
) -> None:
    row = connection.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [constraint]
    ).fetchone()
    assert row is not None
    assert set(re.findall(r"'(\w+)'", row[0])) == {state.value for state in states}


def test_every_sql_file_of_the_engine_is_installed_by_a_migration() -> None:
    root = files("postroad").joinpath("engine", "sql")
    there = {
        f"{folder}/{path.name.removesuffix('.sql')}"
        for folder in ("tables", "functions")
        for path in root.joinpath(folder).iterdir()
    }
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in files(migrations_name).iterdir()
        if path.name.startswith("0")
    )
    missing = {name for name in there if f'"{name.split("/")[1]}"' not in text}
    assert not missing


def a_run(connection: psycopg.Connection, state: str = "running") -> int:
    row = connection.execute(
        """INSERT INTO run (campaign_id, state, routine, audience_version_id, revision_id,
                            relay_id, is_personal, sender_address, started_at)
           VALUES (1, %s, 'r', 1, 1, 1, true, 'me@example.com', now()) RETURNING id""",
        [state],
    ).fetchone()
    assert row is not None
    return int(row[0])


def a_delivery(connection: psycopg.Connection, run: int, n: int) -> None:
    connection.execute(
        """INSERT INTO delivery (run_id, n, contact_key, address, hash, lane, batch_id, index,
                                 token, message_id)
           VALUES (%s, %s, 'k', 'a@example.org', '\\x00', 'other', 1, 0, '\\x00', 'm')""",
        [run, n],
    )
    connection.execute("INSERT INTO delivery_state (run_id, n) VALUES (%s, %s)", [run, n])
    connection.execute(
        "INSERT INTO count_delta (run_id, state, change) VALUES (%s, 'selected', 1)", [run]
    )


@settings(max_examples=150)
@given(facts=st.lists(FACTS, max_size=8), data=st.data())
def test_facts_in_any_order_and_grouping_fold_alike_in_both(
    postgres_database: psycopg.Connection, facts: list[Fact], data: st.DataObject
) -> None:
    """In a stopped run, where no fact makes the database add one of its own."""
    connection = postgres_database
    with connection.transaction(force_rollback=True):
        run = a_run(connection, "paused")
        connection.execute("UPDATE run SET started_at = NULL WHERE id = %s", [run])
        a_delivery(connection, run, 1)
        rest = data.draw(st.permutations(facts))
        while rest:
            size = data.draw(st.integers(1, len(rest)))
            part, rest = rest[:size], rest[size:]
            rows = [{"n": 1, "attempt": fact.attempt, "kind": fact.kind} for fact in part]
            connection.execute("SELECT record_facts(%s, NULL, 'test', %s)", [run, json.dumps(rows)])
        row = connection.execute(
            "SELECT attempt, fact, state FROM delivery_state WHERE run_id = %s", [run]
        ).fetchone()
        counted = connection.execute("SELECT * FROM run_counts(%s)", [run]).fetchall()
    assert row is not None
    expected = fold(facts)
    assert Folded(row[0], FactKind(row[1])) == expected
    assert row[2] == expected.state
    assert counted == [(expected.state, 1)]


@pytest.fixture(scope="module")
def postgres_database(
    postgres_server: TestServer, template_database: str
) -> Iterator[psycopg.Connection]:
    with (
        postgres_server.clone(template_database) as dsn,
        psycopg.connect(dsn, autocommit=True) as connection,
    ):
        yield connection
