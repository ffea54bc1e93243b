"""The status views: what role postroad_status reads, that it is documented, and nothing else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import errors

from postroad.core.lifecycle import DeliveryState
from postroad.testing.database import private_home
from postroad.testing.product import Product, furnish
from postroad.testing.relay import relay_process

PAPER = Path(__file__).parents[2] / "docs" / "status.md"
VIEWS = ("status_run", "status_queue", "status_delivery")
MAILS = 30


@contextmanager
def as_status(dsn: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET SESSION AUTHORIZATION postroad_status")
        yield connection


def columns(dsn: str, view: str) -> list[str]:
    with as_status(dsn) as eyes:
        described = eyes.execute(f"SELECT * FROM {view} LIMIT 0".encode()).description
    assert described is not None
    return [column.name for column in described]


def documented(view: str) -> list[str]:
    section = PAPER.read_text(encoding="utf-8").partition(f"## {view}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


@pytest.mark.parametrize("view", VIEWS)
def test_every_column_is_documented_in_its_order(dsn: str, view: str) -> None:
    assert columns(dsn, view) == documented(view)


def test_every_state_has_its_column(dsn: str) -> None:
    assert {str(state) for state in DeliveryState} <= set(columns(dsn, "status_run"))


def test_a_run_is_seen_to_add_up_and_nobodys_address_is_shown(dsn: str, tmp_path: Path) -> None:
    with relay_process(tmp_path) as relay, private_home() as home:
        furnish(dsn, relay.port)
        product = Product(home, dsn, {"POSTROAD_SWEEP_SECONDS": "0.3"})
        try:
            product.start_worker()
            run = product.ready(MAILS)
            product.launch(run)
            product.until_state(run, "finished")
        finally:
            product.end()
    with as_status(dsn) as eyes:
        told = "SELECT state, recipients, accepted, dead, started_at IS NOT NULL FROM status_run"
        assert eyes.execute(told).fetchall() == [("finished", MAILS, MAILS, 0, True)]
        seen = eyes.execute("SELECT * FROM status_delivery WHERE run_id = %s", [run]).fetchall()
        states = eyes.execute(
            "SELECT DISTINCT state, attempt, fact FROM status_delivery"
        ).fetchall()
        stages = eyes.execute("SELECT counted_at > '2020-01-01' FROM status_queue").fetchall()
    assert len(seen) == MAILS
    assert states == [("accepted", 1, "accepted")]
    assert all(is_counted for (is_counted,) in stages)
    with psycopg.connect(dsn) as connection:
        keys = connection.execute("SELECT contact_key FROM delivery").fetchall()
        names = connection.execute("SELECT name FROM delivery").fetchall()
    text = repr(seen)
    for (key,) in keys:
        text = text.replace(repr(key), "")
    assert "@example.org" not in text
    assert [name for (name,) in names if repr(name) in text] == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM run", "SELECT * FROM delivery", "SELECT * FROM journal",
        "SELECT * FROM contact", "SELECT * FROM relay", "SELECT * FROM setting",
        "SELECT * FROM auth_user", "SELECT * FROM django_session", "SELECT * FROM prepared",
        "SELECT * FROM pause_run(1, 'x')", "SELECT journal_act('alarm', 'x', 'x')",
        "SELECT * FROM launch_run(1, NULL, 0, 'UTC', 'x')",
        "DELETE FROM status_delivery", "UPDATE status_queue SET sending = 0",
        "INSERT INTO status_queue (stage) VALUES ('x')",
    ],
)  # fmt: skip
def test_it_may_do_nothing_else(dsn: str, statement: LiteralString) -> None:
    with (
        as_status(dsn) as eyes,
        pytest.raises((errors.InsufficientPrivilege, errors.ObjectNotInPrerequisiteState)),
    ):
        eyes.execute(statement)


def test_it_may_read_no_table_at_all(dsn: str) -> None:
    readable = (
        "SELECT c.relname FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace"
        " WHERE s.nspname IN ('public', 'postroad') AND c.relkind IN ('r', 'p', 'v', 'm')"
        " AND has_any_column_privilege(c.oid, 'SELECT') ORDER BY 1"
    )
    with as_status(dsn) as eyes:
        assert {name for (name,) in eyes.execute(readable)} == set(VIEWS)


def test_an_owner_who_may_make_no_roles_has_the_views_all_the_same(dsn: str) -> None:
    """The role is the server's: in a transaction that is taken back it is away for a moment."""
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE ROLE a_modest_owner")
        connection.execute("DROP OWNED BY postroad_status")
        connection.execute("GRANT a_modest_owner TO CURRENT_USER")
        for view in VIEWS:
            connection.execute(f"ALTER VIEW {view} OWNER TO a_modest_owner".encode())
        connection.execute("ALTER ROLE postroad_status RENAME TO another_name")
        connection.execute("SET LOCAL ROLE a_modest_owner")
        assert connection.execute("SELECT open_status()").fetchone() == (False,)
        connection.execute("RESET ROLE")
        connection.execute("ALTER ROLE another_name RENAME TO postroad_status")
        connection.execute("SET LOCAL ROLE a_modest_owner")
        assert connection.execute("SELECT open_status()").fetchone() == (True,)
        connection.rollback()


def test_a_restore_opens_the_views_again(dsn: str) -> None:
    """A backup has no rights in it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("DROP OWNED BY postroad_status")
        with pytest.raises(errors.InsufficientPrivilege):
            columns(dsn, "status_run")
        connection.execute("SELECT begin_after_restore('yesterday')")
    assert columns(dsn, "status_run") == documented("status_run")
