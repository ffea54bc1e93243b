"""The database's clock is two days off that of the workers' host, either way: it alone rules.

Functions in front of pg_catalog's tell another time to the engine's functions, which are
the product's, and to the defaults of columns.
"""

import email
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from postroad.core.mail import RelayUnusable
from postroad.core.outcome import Phase
from postroad.testing.database import private_home
from postroad.testing.product import Product, furnish
from postroad.testing.rates import record_of
from postroad.testing.relay import Rule, Script, relay_process

from . import rig as rig_module
from .rig import a_rig

pytestmark = pytest.mark.fault(19)
CLOCKS = ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp")
SMALL = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.5",
}
A_SECOND = 20
MAILS = 60
WINDOW = 100
LONG = 7200.0
"""Two hours: nobody waits for it, and it is no matter of days."""


@pytest.fixture(params=[-2, 2], ids=["two days behind", "two days ahead"])
def apart(request: pytest.FixtureRequest, database: str) -> str:
    """A database whose clock is off by so many days."""
    days = int(request.param)
    with psycopg.connect(database, autocommit=True) as connection:
        for clock in CLOCKS:
            connection.execute(
                f"CREATE FUNCTION public.{clock}() RETURNS timestamptz LANGUAGE sql STABLE AS"
                f" $$ SELECT pg_catalog.{clock}() + interval '{days} days' $$".encode()
            )
        defaults = connection.execute(
            """SELECT format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT public.%s',
                             d.adrelid::regclass, a.attname, pg_get_expr(d.adbin, d.adrelid))
               FROM pg_attrdef d
               JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
               WHERE pg_get_expr(d.adbin, d.adrelid) IN ('now()', 'clock_timestamp()')"""
        ).fetchall()
        for (statement,) in defaults:
            connection.execute(str(statement).encode())
    # A path that begins as the product's own stays as it is.
    dsn = make_conninfo(database, options="-c search_path=public,pg_catalog")
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT extract(epoch FROM now() - pg_catalog.now())").fetchone()
    assert row == (days * 86400,)
    return dsn


async def test_tokens_back_offs_and_what_is_told_go_by_the_database(
    apart: str, tmp_path: Path
) -> None:
    rules = tuple(Rule(Phase.RCPT, reply="451 4.3.0 later", recipient=f"person{k}@*", times=1)
                  for k in (3, 30, 57))  # fmt: skip
    async with a_rig(apart, Script(rules=rules), workers=2, watches=True, keep=tmp_path) as rig:
        rig.call("SELECT set_bucket('relay', '1', %s, NULL)", 60 * A_SECOND)
        run = await rig.finish(MAILS)
        assert rig.counts(run) == {"accepted": MAILS}
        assert sum(rig.begun().values()) == MAILS + 3
        assert rig.relay.tally.twice == []
        rig.adds_up(run)
        apart_from_now = rig.connection.execute(
            "SELECT kind, at FROM journal WHERE run_id = %s AND NOT at BETWEEN"
            " (SELECT created_at FROM run) - interval '1 s' AND now() + interval '1 s'",
            [run],
        )
        assert apart_from_now.fetchall() == []
        began, ended = rig.call("SELECT created_at - interval '2 s', now() FROM run")
        dates = dates_of(tmp_path)
        assert len(dates) == MAILS
        assert [date for date in dates if not began <= date <= ended] == []  # type: ignore[operator]
    assert record_of(rig.relay.events).worst_second() <= A_SECOND


def dates_of(folder: Path) -> list[datetime]:
    mails = (email.message_from_bytes(each.read_bytes()) for each in folder.iterdir())
    return [parsedate_to_datetime(mail["Date"]).replace(tzinfo=UTC) for mail in mails]


def test_leases_go_by_the_database(apart: str, tmp_path: Path) -> None:
    """Nobody who lives is taken for dead, and a killed worker is."""
    with (
        relay_process(tmp_path, Script(delays={Phase.DOT: 0.02})) as relay,
        private_home("postroad-clocks-") as home,
    ):
        furnish(apart, relay.port)
        product = Product(home, apart, SMALL)
        try:
            for _ in range(2):
                product.start_worker()
            run = product.ready(600)
            product.launch(run)
            product.until(lambda: relay.tally.accepted.total() > 100, "under way", run)
            both = "SELECT count(*) = 2 FROM batch WHERE owner IS NOT NULL"
            product.until(lambda: bool(product.call(both)[0]), "both are at work", run)
            product.workers[0].kill()
            product.workers[0].wait()
            product.until_state(run, "finished")
        finally:
            product.end()
        counts = product.counts(run)
        assert counts["accepted"] + counts.get("unknown", 0) == 600
        assert counts.get("unknown", 0) <= WINDOW
        assert relay.tally.twice == []
        silent = "SELECT count(*) FROM worker WHERE alive_until < now() - interval '1 day'"
        assert product.call(silent) == (0,)


async def test_a_release_goes_by_the_database(apart: str) -> None:
    async with a_rig(apart) as rig:
        early, late = await rig.ready(10), await rig.ready(10, campaign_id=2)
        rig.launch(late, undo_seconds=LONG)
        rig.launch(early, undo_seconds=1)
        await rig.until(early, "finished")
        assert rig.state(late) == "scheduled"
        rig.call("UPDATE run SET release_at = now() WHERE id = %s RETURNING 1", late)
        await rig.until(late, "finished")


@pytest.mark.parametrize("stage", ["prepare", "dispatch"])
async def test_what_cannot_be_done_now_is_due_again_by_the_database(
    apart: str, stage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A content's source is down, or a relay's settings cannot be used."""

    def fails(*_: object, **__: object) -> NoReturn:
        raise ConnectionError if stage == "prepare" else RelayUnusable("No such key.")

    monkeypatch.setattr("postroad.engine.prepare.SOURCE_DOWN_SECONDS", LONG)
    monkeypatch.setattr("postroad.engine.dispatch._LATER_SECONDS", LONG)
    async with a_rig(apart) as rig:
        run = await rig.ready(10) if stage == "dispatch" else None
        monkeypatch.setattr(rig_module, "PlainPreparer", fails)
        rig.relay.target = fails  # type: ignore[method-assign]
        if run is None:
            rig.verify(10)
        else:
            rig.launch(run)
        await rig.until_true(
            "SELECT bool_and(owner IS NULL AND due_at - now() BETWEEN interval '1 hour'"
            " AND interval '2 hours') FROM batch WHERE stage = %s",
            stage,
        )
