"""What the processes of a fleet say and how they end: serve, workers, password, migrate."""

import http.client
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from postroad.core.outcome import Phase
from postroad.testing.product import Product, furnish
from postroad.testing.relay import Script, relay_process

from .rig import Cli, eventually

CLOCKS = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.3",
}


def execute(cli: Cli, statement: str) -> None:
    with psycopg.connect(cli.dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def status(cli: Cli, path: str) -> int:
    """0: nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{cli.port}{path}", timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def given(cli: Cli, password: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "postroad", "password"],
        env=cli.environment, input=password + "\n", capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_a_password_comes_by_standard_input_and_opens_the_console_to_others(cli: Cli) -> None:
    assert given(cli, "").returncode == 1
    weak = given(cli, "password12")
    assert (weak.returncode, weak.stdout) == (1, "")
    assert "Choose another" in weak.stderr
    refused = cli.run("serve", POSTROAD_HOST="0.0.0.0")
    assert refused.returncode == 1
    assert "postroad password" in refused.stderr
    done = given(cli, "a-long-way-to-tipperary")
    assert done.returncode == 0
    assert "tipperary" not in done.stdout + done.stderr
    beyond = Cli(cli.home, cli.dsn, cli.port, {"POSTROAD_HOST": "0.0.0.0"})
    with beyond.started("serve") as console:
        assert eventually(lambda: status(cli, "/readyz") == 200)
        console.send_signal(signal.SIGTERM)
        assert console.wait(60) == 0


def test_the_schema_is_made_once_and_then_nothing_is_to_do(cli: Cli) -> None:
    execute(cli, "DROP SCHEMA public CASCADE")
    execute(cli, "DROP SCHEMA IF EXISTS postroad CASCADE")
    execute(cli, "CREATE SCHEMA public")
    first, second = (cli.run("migrate", "--json") for _ in range(2))
    assert json.loads(first.stdout) == {"has_changed": True}, first.stderr
    assert json.loads(second.stdout) == {"has_changed": False}


def test_the_console_waits_for_the_schema(cli: Cli) -> None:
    execute(cli, "ALTER TABLE django_migrations RENAME TO not_there_yet")
    with cli.started("serve") as console:
        assert console.stdout is not None
        assert "postroad migrate" in console.stdout.readline()
        assert status(cli, "/healthz") == 0
        execute(cli, "ALTER TABLE not_there_yet RENAME TO django_migrations")
        assert eventually(lambda: status(cli, "/readyz") == 200)
        console.send_signal(signal.SIGTERM)
        assert console.wait(60) == 0


@pytest.mark.fault(7)
def test_what_is_being_answered_is_answered_before_the_console_ends(cli: Cli) -> None:
    """The answer waits for a lock that is held until the signal has come."""
    with cli.started("serve") as console, psycopg.connect(cli.dsn) as holder:
        assert eventually(lambda: status(cli, "/readyz") == 200)
        holder.execute("LOCK TABLE django_migrations IN ACCESS EXCLUSIVE MODE")
        asked = http.client.HTTPConnection("127.0.0.1", cli.port, timeout=30)
        asked.request("GET", "/readyz")
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with psycopg.connect(cli.dsn, autocommit=True) as watch:
            assert eventually(lambda: watch.execute(waits).fetchone() == (1,))
        console.send_signal(signal.SIGTERM)
        assert eventually(lambda: status(cli, "/healthz") == 0), "it takes nothing new"
        assert console.poll() is None
        holder.rollback()
        assert asked.getresponse().status == 200
        assert console.wait(60) == 0


@pytest.mark.fault(7)
def test_a_worker_that_cannot_wait_says_so_with_its_exit_code(cli: Cli, tmp_path: Path) -> None:
    """The relay takes a minute over each answer to the last dot; the grace time is none."""
    with relay_process(tmp_path, Script(delays={Phase.DOT: 60})) as relay:
        furnish(cli.dsn, relay.port)
        cli.home.mkdir()
        product = Product(cli.home, cli.dsn, CLOCKS | {"POSTROAD_GRACE_SECONDS": "0"})
        try:
            worker = product.start_worker()
            run = product.ready(20)
            product.launch(run)
            begun = "SELECT max(in_flight) FROM worker"
            product.until(lambda: product.call(begun)[0] != 0, "mails are begun", run)
            said = cli.run("workers", "--json")
            (told,) = json.loads(said.stdout)
            assert (told["pid"], told["state"]) == (worker.pid, "alive")
            assert str(worker.pid) in cli.run("workers").stdout
            worker.terminate()
            assert worker.wait(60) == 3
            log = "".join(each.read_text("utf-8") for each in (cli.home / "log").glob("work-*"))
            assert "cut_short" in log
        finally:
            product.end()


def test_no_worker_at_all_is_told_with_what_to_do(cli: Cli) -> None:
    assert "postroad work" in cli.run("workers").stdout
    assert json.loads(cli.run("workers", "--json").stdout) == []
