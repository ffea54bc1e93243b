"""A real engine in the test's own loop: real database, real SMTP, small clocks."""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

from postroad.core.ids import RelayId, RevisionId, RunId
from postroad.core.mail import Preparation, Prepared, Recipient, RelayTarget, Sender
from postroad.engine.doorbell.port import Carrier
from postroad.engine.doorbell.postgres import PostgresDoorbell
from postroad.engine.lookup.turn import PolicyPlan
from postroad.engine.messages.exchanges import Exchanges
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.worker import Worker, WorkerPlan
from postroad.testing.relay import Relay, Script

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.02


class PlainPreparer:
    """The smallest mail that names its recipient."""

    tail = b""

    def prepare(self, sender: Sender, recipients: Sequence[Recipient]) -> list[Preparation]:
        return [self._one(sender, each) for each in recipients]

    def _one(self, sender: Sender, to: Recipient) -> Prepared:
        text = (
            f"Message-ID: <{to.message_id}>\r\nFrom: {sender.address}\r\nTo: {to.address}\r\n"
            f"Subject: Hello\r\n\r\nDear {to.name},\r\n"
        )
        head = text.encode()
        return Prepared(to.n, head, len(head), hashlib.sha256(head).digest())


@dataclass
class Rig:
    """A database with one audience, and a relay. Addresses are person<k>@example.org."""

    dsn: str
    relay: Relay
    connection: psycopg.Connection
    workers: dict[Worker, "asyncio.Task[None]"] = field(default_factory=dict)
    timeouts: Timeouts = field(default_factory=lambda: Timeouts.all_of(5))
    connections: int = 4
    carrier: Callable[[], Carrier | None] = lambda: None
    ring_again_seconds: float = 30
    look_seconds: float = 0.5
    turn_seconds: float = 0.1
    broker_url: str = ""
    policy: PolicyPlan = field(default_factory=PolicyPlan)

    def audience(self, people: int, prefix: str = "person") -> str:
        """A deployed routine that returns so many people."""
        self.connection.execute(
            f"""CREATE OR REPLACE FUNCTION postroad.people_v1() RETURNS TABLE (
                contact_key text, address text, address_key text, name text, zone text, data jsonb)
            LANGUAGE sql STABLE BEGIN ATOMIC
            SELECT k::text, a, a, 'Person ' || k, '', '{{}}'::jsonb
            FROM (SELECT k, '{prefix}' || k || '@example.org' AS a
                  FROM generate_series(1, {int(people)}) k) p; END"""
        )
        return "postroad.people_v1"

    def verify(self, people: int, **pins: object) -> RunId:
        """Make a run of so many people."""
        whole = {
            "campaign_id": 1,
            "routine": self.audience(people),
            "audience_version_id": 1,
            "revision_id": 1,
            "relay_id": 1,
            "is_personal": True,
            "sender_address": "me@example.com",
            "backoff_seconds": [1],
        } | pins
        row = self.call("SELECT run_id FROM make_run(%s, 'manager')", json.dumps(whole))
        return RunId(int(str(row[0])))

    def launch(self, run: RunId, undo_seconds: float = 0) -> None:
        self.call("SELECT * FROM launch_run(%s, NULL, %s, 'UTC', 'manager')", run, undo_seconds)

    def call(self, statement: LiteralString, *arguments: object) -> tuple[object, ...]:
        row = self.connection.execute(statement, arguments).fetchone()
        assert row is not None
        return row

    def state(self, run: RunId) -> str:
        return str(self.call("SELECT state FROM run WHERE id = %s", run)[0])

    def counts(self, run: RunId) -> dict[str, int]:
        return dict(self.connection.execute("SELECT * FROM run_counts(%s)", [run]).fetchall())

    def recounted(self, run: RunId) -> dict[str, int]:
        """From the state rows: what the counters must equal."""
        rows = self.connection.execute(
            "SELECT state, count(*) FROM delivery_state WHERE run_id = %s GROUP BY state", [run]
        )
        return dict(rows.fetchall())

    def adds_up(self, run: RunId) -> None:
        """The promise: recipients = the sum over all states, whichever way it is counted."""
        recipients = self.call("SELECT recipients FROM run WHERE id = %s", run)[0]
        assert self.counts(run) == self.recounted(run)
        assert sum(self.counts(run).values()) == recipients

    async def until(self, run: RunId, *states: str) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (state := self.state(run)) not in states:  # noqa: ASYNC110 - no bell rings here.
                await asyncio.sleep(LOOK_SECONDS)
        return state

    async def until_true(self, statement: LiteralString, *arguments: object) -> None:
        """Until a query's single value is true."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not self.call(statement, *arguments)[0]:  # noqa: ASYNC110 - as above.
                await asyncio.sleep(LOOK_SECONDS)

    async def ready(self, people: int, **pins: object) -> RunId:
        run = self.verify(people, **pins)
        assert await self.until(run, "ready", "stopped", "held") == "ready"
        return run

    async def finish(self, people: int, **pins: object) -> RunId:
        """A run verified, launched and finished."""
        run = await self.ready(people, **pins)
        self.launch(run)
        await self.until(run, "finished")
        return run

    def begun(self) -> Counter[str]:
        """SMTP transactions by recipient, counted at the relay."""
        return self.relay.tally.begun_recipients

    async def start_worker(self) -> Worker:
        def load_relay(relay: RelayId) -> RelayTarget:
            return self.relay.target(connections=self.connections, relay_id=relay)

        def load_revision(_revision: RevisionId) -> PlainPreparer:
            return PlainPreparer()

        worker = Worker(
            WorkerPlan(
                self.dsn, "test", load_revision, load_relay, PostgresDoorbell(self.dsn),
                Exchanges(self.broker_url) if self.broker_url else None, self.timeouts,
                heartbeat_seconds=0.3, lease_seconds=3, guard_seconds=2,
                look_seconds=self.look_seconds, turn_seconds=self.turn_seconds,
                carrier=self.carrier(), ring_again_seconds=self.ring_again_seconds,
                policy=self.policy,
            )
        )  # fmt: skip
        self.workers[worker] = asyncio.create_task(worker.run())
        return worker

    async def stop_workers(self) -> None:
        for worker in self.workers:
            worker.drain()
        for task in self.workers.values():
            await task
        self.workers.clear()


@asynccontextmanager
async def at_work(rig: Rig, workers: int) -> AsyncIterator[None]:
    for _ in range(workers):
        await rig.start_worker()
    try:
        yield
    finally:
        await rig.stop_workers()


@asynccontextmanager
async def a_rig(
    dsn: str,
    script: Script | None = None,
    workers: int = 1,
    connections: int = 4,
    broker_url: str = "",
    *,
    watches: bool = False,
    keep: Path | None = None,
) -> AsyncIterator[Rig]:
    """`watches`: the relay writes down when it stood still, and with it this whole process.

    `keep`: where it keeps the mails.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        async with Relay(script, watches=watches, keep=keep) as relay:
            rig = Rig(dsn, relay, connection, connections=connections, broker_url=broker_url)
            async with at_work(rig, workers):
                yield rig
