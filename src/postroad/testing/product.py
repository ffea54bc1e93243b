"""The product's own processes around a database of their own: for chaos tests and benchmarks."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.05


LETTER = "Dear {{ name }}, this is a letter."


Inside = Callable[..., list[str]]


def as_it_is(*command: str) -> list[str]:
    return list(command)


@dataclass
class Product:
    """`environment` is added to that of every process."""

    home: Path
    dsn: str
    environment: Mapping[str, str]
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    relay_id: int = 1
    """Of the relay that its runs go to."""

    # Processes.

    def start(
        self, *command: str, inside: Inside = as_it_is, **environment: str
    ) -> "subprocess.Popen[bytes]":
        """A process of the product; its log is <home>/log/<command>-<number>.log.

        `inside` says how a command is run on another host.
        """
        log = self.home / "log"
        log.mkdir(exist_ok=True)
        with (log / f"{command[0]}-{time.monotonic_ns()}.log").open("wb") as output:
            return subprocess.Popen(
                inside(sys.executable, "-m", "postroad", *command),
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **self.environment, "POSTROAD_HOME": str(self.home),
                     "DATABASE_URL": self.dsn,
                     "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **environment},
            )  # fmt: skip

    def start_worker(self) -> "subprocess.Popen[bytes]":
        worker = self.start("work")
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    # The database.

    def call(self, statement: LiteralString, *arguments: object) -> tuple[object, ...]:
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
            row = connection.execute(statement, arguments).fetchone()
        assert row is not None
        return row

    def until(self, holds: Callable[[], bool], what: str, run: int = 1) -> None:
        """Look until it holds; a database that is away for a moment is looked at again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except psycopg.OperationalError:
                pass
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"Not within {PATIENCE_SECONDS} s: {what}. {self.counts(run)}")

    def state(self, run: int) -> str:
        return str(self.call("SELECT state FROM run WHERE id = %s", run)[0])

    def until_state(self, run: int, state: str) -> None:
        self.until(lambda: self.state(run) == state, f"run {run} {state}", run)

    def counts(self, run: int = 1) -> dict[str, int]:
        with psycopg.connect(self.dsn, connect_timeout=10) as connection:
            return dict(connection.execute("SELECT * FROM run_counts(%s)", [run]).fetchall())

    # A run.

    def ready(self, people: int) -> int:
        """A verified run to so many people, person<k>@example.org."""
        run = self.verify(people)
        self.until_state(run, "ready")
        return run

    def verify(self, people: int) -> int:
        """The same, being made."""
        self.call(
            "WITH made AS (INSERT INTO contact (address, address_key, name)"
            " SELECT a, a, 'Person ' || k FROM (SELECT k, 'person' || k || '@example.org' AS a"
            " FROM generate_series(1, %s) k) p ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT count(*) FROM made",
            people,
        )
        pins = {
            "campaign_id": 1, "routine": "postroad.everybody_v1", "audience_version_id": 1,
            "revision_id": 1, "relay_id": self.relay_id, "is_personal": True,
            "backoff_seconds": [1], "sender_address": "me@example.com",
        }  # fmt: skip
        return int(
            str(self.call("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(pins))[0])
        )

    def launch(self, run: int) -> None:
        self.call("SELECT * FROM launch_run(%s, NULL, 0, 'UTC', 'manager')", run)


def furnish(
    dsn: str, port: int, source: str = LETTER, connections: int = 4, host: str = "127.0.0.1"
) -> None:
    """A relay, a content, and the audience of everybody. A source with tags is HTML."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO relay (name, host, port, tls, connections)"
            " VALUES ('r', %s, %s, 'none', %s)",
            [host, port, connections],
        )
        connection.execute("INSERT INTO content (name) VALUES ('letter')")
        connection.execute(
            "INSERT INTO revision (content_id, number, subject, format, source)"
            " VALUES (1, 1, 'Hello', %s, %s)",
            ["html" if source.startswith("<") else "txt", source],
        )
        connection.execute(
            "CREATE FUNCTION postroad.everybody_v1() RETURNS TABLE (contact_key text, address text,"
            " address_key text, name text, zone text, data jsonb) LANGUAGE sql STABLE BEGIN ATOMIC"
            " SELECT id::text, address, address_key, name, zone, jsonb_build_object('name', name)"
            " FROM public.contact ORDER BY id; END"
        )
