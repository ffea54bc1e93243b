"""`postroad backup` and `restore`: nothing is sent again by itself, or half restored."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from postroad.core.ids import RunId
from postroad.core.outcome import Phase
from postroad.store.secrets import encrypt, load_key
from postroad.testing.database import TestServer
from postroad.testing.relay import Script
from tests.engine.rig import Rig, a_rig

from .rig import Cli

MAILS = 240
"""More than a worker may have begun: the others were surely not."""


@pytest.fixture
def empty(postgres_server: TestServer) -> Iterator[str]:
    """A database with nothing in it."""
    name = "restored_into"
    postgres_server._execute("CREATE DATABASE {}", name)
    try:
        yield postgres_server.dsn_of(name)
    finally:
        postgres_server._execute("DROP DATABASE {} WITH (FORCE)", name)


def answered(cli: Cli, *words: str) -> dict[str, object]:
    done = cli.run(*words, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def asked(dsn: str, statement: LiteralString) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(statement).fetchall()


async def backed_up_in_the_middle(
    cli: Cli, rig: Rig, file: Path, delays: dict[Phase, float]
) -> RunId:
    """A run that was under way when the backup was made, and has ended since."""
    run = await rig.ready(MAILS)
    rig.launch(run)
    await rig.until_true(
        "SELECT count(*) >= 10 FROM delivery_state WHERE run_id = %s AND state = 'accepted'", run
    )
    delays[Phase.DOT] = 2.0
    await asyncio.to_thread(answered, cli, "backup", str(file))
    delays.clear()
    await rig.until(run, "finished")
    await rig.stop_workers()
    return run


@pytest.mark.fault(25)
async def test_after_a_restore_nothing_is_sent_again_until_a_person_says_so(
    cli: Cli, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "yesterday.postroad"
    script = Script(delays={Phase.DOT: 0.05})
    async with a_rig(cli.dsn, script) as rig:
        run = await backed_up_in_the_middle(cli, rig, file, script.delays)
        sent = rig.begun()
        assert sum(sent.values()) == MAILS
        here = asked(cli.dsn, "SELECT id FROM installation")[0][0]

        told = answered(Cli(cli.home, empty), "restore", str(file))
        assert told["held_runs"] == 1
        with psycopg.connect(empty, autocommit=True) as connection:
            again = Rig(empty, rig.relay, connection)
            await an_hour_of_turns(again, run)
            assert rig.begun() == sent, "something was sent by itself"
            state, reason = again.call("SELECT state, reason FROM run WHERE id = %s", run)
            assert state == "held"
            assert "restored from a backup of" in str(reason)
            assert "mails of this run may have gone out since" in str(reason)
            assert again.call("SELECT past, id = ANY (past) FROM installation") == ([here], False)
            again.adds_up(run)

            waiting = again.counts(run)["prepared"]
            assert 0 < waiting <= MAILS - 10
            again.call("SELECT resume_run(%s, 'manager')", run)
            await again.until(run, "finished")
            await again.stop_workers()
            assert sum(rig.begun().values()) == MAILS + waiting, "a person said so"
            again.adds_up(run)


async def an_hour_of_turns(rig: Rig, run: RunId) -> None:
    """Workers look at the held run and at what the old ones owned, and there is nothing to do."""
    await rig.start_worker()
    await rig.until_true("SELECT NOT EXISTS (SELECT FROM batch WHERE owner IS NOT NULL)")
    turns = "SELECT coalesce(max(at), '-infinity') FROM queue_count"
    for _ in range(3):
        before = rig.call(turns)[0]
        rig.connection.execute("UPDATE queue_count SET at = '-infinity'")
        await rig.until_true("SELECT at >= %s FROM queue_count", before)
    assert rig.state(run) == "held"


@pytest.mark.fault(25)
def test_numbers_given_since_the_backup_are_never_given_again(
    cli: Cli, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "b"
    run = asyncio.run(a_run(cli.dsn))
    answered(cli, "backup", str(file))
    batches = asked(cli.dsn, "SELECT max(id) FROM batch")[0][0]
    journal = asked(cli.dsn, "SELECT max(id) FROM journal")[0][0]
    answered(Cli(cli.home, empty), "restore", str(file))
    later = asyncio.run(a_run(empty))
    assert later > run + 1_000_000
    first = asked(empty, f"SELECT min(id) FROM batch WHERE run_id = {later}")[0][0]
    assert int(str(first)) > int(str(batches)) + 1_000_000_000
    restored = asked(empty, "SELECT id FROM journal WHERE kind = 'restored'")[0][0]
    assert int(str(restored)) > int(str(journal)) + 1_000_000_000
    epochs = asked(empty, f"SELECT epoch FROM run WHERE id = {run}")
    assert epochs == [(2,)]


async def a_run(dsn: str) -> RunId:
    async with a_rig(dsn) as rig:
        rig.connection.execute("UPDATE run SET state = 'stopped' WHERE state = 'held'")
        return await rig.ready(5)


def test_all_comes_back_and_the_files_passwords_stay_encrypted(
    cli: Cli, empty: str, tmp_path: Path
) -> None:
    file = tmp_path / "b"
    asyncio.run(a_run(cli.dsn))
    key = load_key(cli.home / "secret.key")
    with psycopg.connect(cli.dsn, autocommit=True) as connection:
        connection.execute(
            'INSERT INTO relay (name, host, port, tls, "user", password)'
            " VALUES ('r', 'mail.example', 25, 'none', 'me', %s)",
            [encrypt(key, "relay password", "Correct-Horse")],
        )
        connection.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date)"
            " VALUES ('stolen-session-key', 'x', now() + interval '1 day')"
        )
    answered(cli, "backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    told = answered(Cli(cli.home, empty), "restore", str(file))
    for table in ("run", "delivery", "delivery_state", "prepared", "batch", "relay", "fact_rule"):
        rows = f"SELECT count(*), sum(hashtext(t::text)::bigint) FROM {table} t"
        if table == "run":
            rows = "SELECT count(*) FROM run"
        assert asked(empty, rows) == asked(cli.dsn, rows), table
    assert told["has_key"] is True
    assert asked(empty, "SELECT count(*) FROM django_session") == [(0,)]
    plain = "".join(str(row) for row in asked(empty, "SELECT relay FROM relay"))
    assert "Correct-Horse" not in plain
    assert b"Correct-Horse" not in file.read_bytes()


def test_a_database_with_something_in_it_is_replaced_only_when_that_is_said(
    cli: Cli, tmp_path: Path
) -> None:
    file = tmp_path / "b"
    asyncio.run(a_run(cli.dsn))
    answered(cli, "backup", str(file))
    with psycopg.connect(cli.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE later (id integer)")
        connection.execute("DELETE FROM delivery_state")
    refused = cli.run("restore", str(file))
    assert refused.returncode == 1
    assert "This database is not empty" in refused.stderr
    unasked = cli.run("restore", str(file), "--replace")
    assert "add --yes" in unasked.stderr
    assert asked(cli.dsn, "SELECT count(*) FROM delivery_state") == [(0,)]
    answered(cli, "restore", str(file), "--replace", "--yes")
    assert asked(cli.dsn, "SELECT count(*) FROM delivery_state") == [(5,)]
    assert asked(cli.dsn, "SELECT to_regclass('later')") == [(None,)]


def test_while_others_use_the_database_it_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "b"
    answered(cli, "backup", str(file))
    with psycopg.connect(cli.dsn):
        done = cli.run("restore", str(file), "--replace", "--yes")
    assert done.returncode == 1
    assert "1 others are connected" in done.stderr


@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_a_damaged_file_changes_nothing(cli: Cli, tmp_path: Path, share: float) -> None:
    file = tmp_path / "b"
    asyncio.run(a_run(cli.dsn))
    answered(cli, "backup", str(file))
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share)])
    done = cli.run("restore", str(file), "--replace", "--yes")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert asked(cli.dsn, "SELECT count(*), min(state) FROM run") == [(1, "ready")]
    assert asked(cli.dsn, "SELECT count(*) FROM delivery") == [(5,)]


def test_a_backup_of_a_later_version_is_refused(cli: Cli, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "b"
    with psycopg.connect(cli.dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('postroad', '0099_fly', now())"
        )
    answered(cli, "backup", str(file))
    done = Cli(cli.home, empty).run("restore", str(file))
    assert done.returncode == 1
    assert "made by a later Postroad (0099_fly)" in done.stderr


def test_what_cannot_be_written_or_is_not_there_is_told(cli: Cli, tmp_path: Path) -> None:
    nowhere = cli.run("backup", str(tmp_path / "no" / "b"))
    assert (nowhere.returncode, "choose another place" in nowhere.stderr) == (1, True)
    nothing = cli.run("restore", str(tmp_path / "b"))
    assert (nothing.returncode, "There is no file" in nothing.stderr) == (1, True)
    folder = cli.run("backup", str(tmp_path))
    assert (folder.returncode, "is no file" in folder.stderr) == (1, True)


def test_a_password_is_in_no_process_list(database: str) -> None:
    from postroad.store.backup.programs import programs_for

    dsn = make_conninfo(database, password="hunter2")
    programs = programs_for(dsn, Path("/nonexistent"))
    assert "hunter2" not in programs.dsn
    assert programs.environment["PGPASSWORD"] == "hunter2"


def test_an_empty_home_takes_a_backup_and_runs(cli: Cli, home: Path, tmp_path: Path) -> None:
    """With the database that comes along, as on a new machine."""
    file = tmp_path / "b"
    run = asyncio.run(a_run(cli.dsn))
    (cli.home / "secret.key").unlink(missing_ok=True)
    answered(cli, "backup", str(file))
    new = Cli(home.parent / "new")
    told = answered(new, "restore", str(file))
    assert told["held_runs"] == 1
    shown = answered(new, "run", "show", str(run))
    assert (shown["state"], shown["counts"]) == ("held", {"prepared": 5})
