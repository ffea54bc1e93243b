"""The product's own processes around a database and a relay of their own, to be killed.

Everything is counted at the relay, from its own file.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

from postroad.settings import Settings
from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import ended_with_us, migrate, private_home
from postroad.testing.relay import RelayProcess, Script, Tally, read_events, relay_process

PATIENCE_SECONDS = 120.0
LOOK_SECONDS = 0.05
WINDOW = 100
CLOCKS = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.5",
}


@dataclass
class Rig:
    home: Path
    server: EmbeddedServer
    relay: RelayProcess
    dsn: str
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    killed: int = 0
    """Workers killed or cut off: each may leave a window of unknowns."""

    # Processes.

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        """A process of the product; its log is <home>/log/<command>-<number>.log."""
        log = self.home / "log"
        log.mkdir(exist_ok=True)
        with (log / f"{command[0]}-{time.monotonic_ns()}.log").open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "postroad", *command],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**os.environ, **CLOCKS, "POSTROAD_HOME": str(self.home),
                     "DATABASE_URL": self.dsn,
                     "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )  # fmt: skip

    def start_worker(self) -> "subprocess.Popen[bytes]":
        worker = self.start("work")
        self.workers.append(worker)
        return worker

    def kill_worker(self, index: int = 0) -> None:
        """SIGKILL, and another takes its place."""
        worker = self.workers.pop(index)
        worker.kill()
        worker.wait()
        self.killed += 1
        self.start_worker()

    @contextmanager
    def frozen(self, *pids: int) -> Iterator[None]:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def kill_database(self) -> None:
        """SIGKILL to the postmaster; its backends follow. Started again at the first try."""
        os.kill(self.server.status().pid, signal.SIGKILL)
        self.server.start()

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

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Look until it holds; a database that is away for a moment is looked at again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            try:
                if holds():
                    return
            except psycopg.OperationalError:
                pass
            time.sleep(LOOK_SECONDS)
        raise AssertionError(f"Not within {PATIENCE_SECONDS} s: {what}. {self.counts()}")

    def state(self, run: int) -> str:
        return str(self.call("SELECT state FROM run WHERE id = %s", run)[0])

    def until_state(self, run: int, state: str) -> None:
        self.until(lambda: self.state(run) == state, f"run {run} {state}")

    def counts(self, run: int = 1) -> dict[str, int]:
        with psycopg.connect(self.dsn, connect_timeout=10) as connection:
            return dict(connection.execute("SELECT * FROM run_counts(%s)", [run]).fetchall())

    # A run.

    def ready(self, people: int) -> int:
        """A verified run to so many people, person<k>@example.org."""
        self.call(
            "WITH made AS (INSERT INTO contact (address, address_key, name)"
            " SELECT a, a, 'Person ' || k FROM (SELECT k, 'person' || k || '@example.org' AS a"
            " FROM generate_series(1, %s) k) p ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT count(*) FROM made",
            people,
        )
        pins = {
            "campaign_id": 1, "routine": "postroad.everybody_v1", "audience_version_id": 1,
            "revision_id": 1, "relay_id": 1, "is_personal": True, "backoff_seconds": [1],
            "sender_address": "me@example.com",
        }  # fmt: skip
        run = int(str(self.call("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(pins))[0]))
        self.until_state(run, "ready")
        return run

    def launch(self, run: int) -> None:
        self.call("SELECT * FROM launch_run(%s, NULL, 0, 'UTC', 'manager')", run)

    def until_accepted(self, count: int) -> None:
        self.until(lambda: self.relay_accepted() >= count, f"{count} accepted at the relay")

    def relay_accepted(self) -> int:
        return self.relay.file.read_bytes().count(b'"accepted"') if self.relay.file.exists() else 0

    @property
    def tally(self) -> Tally:
        return Tally.of(read_events(self.relay.file))


@dataclass(frozen=True)
class Account:
    """What a run left behind. All must be as in `must_add_up`."""

    lost: int
    twice: int
    unknown: int
    bound: int
    unaccounted: int
    unlisted: int

    def must_add_up(self) -> None:
        assert (self.lost, self.twice, self.unaccounted, self.unlisted) == (0, 0, 0, 0), self
        assert self.unknown <= self.bound, self


def account_of(rig: Rig, run: int) -> Account:
    """Compare the run's states with the relay's own file, delivery by delivery."""
    accepted: Counter[str] = rig.tally.accepted
    with psycopg.connect(rig.dsn) as connection:
        rows = connection.execute(
            "SELECT d.message_id, s.state, a.n IS NOT NULL FROM delivery d"
            " JOIN delivery_state s USING (run_id, n) LEFT JOIN attention a USING (run_id, n)"
            " WHERE d.run_id = %s", [run],
        ).fetchall()  # fmt: skip
        recipients, = connection.execute("SELECT recipients FROM run WHERE id = %s", [run]).fetchone() or (0,)
        journaled, = connection.execute(
            "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'accepted'", [run]
        ).fetchone() or (0,)
    counted = sum(rig.counts(run).values())
    states = {f"<{message_id}>": state for message_id, state, _listed in rows}
    told = sum(state == "accepted" for state in states.values())
    return Account(
        # Neither sent nor in a state that says why not.
        lost=sum(state == "accepted" and not accepted[mid] for mid, state in states.items()),
        twice=sum(count > 1 for count in accepted.values()),
        unknown=sum(state == "unknown" for state in states.values()),
        bound=rig.killed * WINDOW,
        # At the relay, and neither accepted nor unknown here; or counters that differ.
        unaccounted=sum(
            bool(count) and states.get(mid) not in ("accepted", "unknown")
            for mid, count in accepted.items()
        ) + abs(recipients - counted) + abs(recipients - len(rows)) + (told - journaled),
        unlisted=sum(state == "unknown" and not listed for _mid, state, listed in rows),
    )  # fmt: skip


@contextmanager
def a_rig(tmp_path: Path, shelf: Path, script: Script | None = None, workers: int = 2) -> Iterator[Rig]:
    """A database with fsync on, a relay process, and workers."""
    with private_home("postroad-chaos-") as home, ended_with_us(home):
        server = EmbeddedServer(home, shelf=shelf)
        dsn = server.start()
        migrate(dsn)
        Settings(home=home)
        with relay_process(tmp_path, script) as relay:
            rig = Rig(home, server, relay, dsn)
            _furnish(dsn, relay.port)
            try:
                for _ in range(workers):
                    rig.start_worker()
                yield rig
            finally:
                rig.end()


def _furnish(dsn: str, port: int) -> None:
    """A relay, a content, and the audience of everybody."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO relay (name, host, port, tls, connections) VALUES ('r', '127.0.0.1', %s, 'none', 4)",
            [port],
        )
        connection.execute("INSERT INTO content (name) VALUES ('letter')")
        connection.execute(
            "INSERT INTO revision (content_id, number, subject, format, source)"
            " VALUES (1, 1, 'Hello', 'txt', 'Dear {{ name }}, this is a letter.')"
        )
        connection.execute(
            "CREATE FUNCTION postroad.everybody_v1() RETURNS TABLE (contact_key text, address text,"
            " address_key text, name text, zone text, data jsonb) LANGUAGE sql STABLE BEGIN ATOMIC"
            " SELECT id::text, address, address_key, name, zone, jsonb_build_object('name', name)"
            " FROM public.contact ORDER BY id; END"
        )
