"""The product's own processes around a database and a relay of their own, to be killed.

Everything is counted at the relay, from its own file.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import ended_with_us, migrate, private_home
from postroad.testing.product import Product, furnish
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
class Rig(Product):
    server: EmbeddedServer = field(kw_only=True)
    relay: RelayProcess = field(kw_only=True)
    killed: int = 0
    """Workers killed or cut off: each may leave a window of unknowns."""
    lost_replies: int = 0
    """Connections that the relay's script drops after the final dot."""

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

    def until_accepted(self, count: int) -> None:
        self.until(lambda: self.relay_accepted() >= count, f"{count} accepted at the relay")

    def is_silent(self, pid: int) -> bool:
        """Whether the worker of that pid counts as dead."""
        row = self.call("SELECT bool_and(alive_until < now()) FROM worker WHERE pid = %s", pid)
        return bool(row[0])

    def until_quiet(self, run: int) -> None:
        """Late facts may open a finished run again: until nothing is owned and it has ended."""
        self.until(
            lambda: (
                self.state(run) == "finished"
                and self.call("SELECT count(*) FROM batch WHERE owner IS NOT NULL")[0] == 0
            ),
            "quiet",
        )

    def relay_accepted(self) -> int:
        return self.relay.file.read_bytes().count(b'"accepted"') if self.relay.file.exists() else 0

    @property
    def tally(self) -> Tally:
        return Tally.of(read_events(self.relay.file))


@dataclass(frozen=True)
class Account:
    """What a run left behind; see `must_add_up`.

    `bound`: a window for each worker killed or cut off, and the replies lost on
    the way (a connection that dropped after the dot).
    """

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
        (recipients,) = connection.execute(
            "SELECT recipients FROM run WHERE id = %s", [run]
        ).fetchone() or (0,)
        (journaled,) = connection.execute(
            "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'accepted'", [run]
        ).fetchone() or (0,)
    counted = sum(rig.counts(run).values())
    states = {f"<{message_id}>": state for message_id, state, _listed in rows}
    told = sum(state == "accepted" for state in states.values())
    return Account(
        # Told as accepted, and the relay knows nothing of it.
        lost=sum(state == "accepted" and not accepted[mid] for mid, state in states.items()),
        twice=sum(count > 1 for count in accepted.values()),
        unknown=sum(state == "unknown" for state in states.values()),
        bound=rig.killed * WINDOW + rig.lost_replies,
        # At the relay, and neither accepted nor unknown here; or counters that differ.
        unaccounted=sum(
            bool(accepted[mid]) and state not in ("accepted", "unknown")
            for mid, state in states.items()
        ) + abs(recipients - counted) + abs(recipients - len(rows)) + (told - journaled),
        unlisted=sum(state == "unknown" and not listed for _mid, state, listed in rows),
    )  # fmt: skip


@contextmanager
def a_rig(
    tmp_path: Path, shelf: Path, script: Script | None = None, workers: int = 2
) -> Iterator[Rig]:
    """A database with fsync on, a relay process, and workers."""
    with private_home("postroad-chaos-") as home, ended_with_us(home):
        server = EmbeddedServer(home, shelf=shelf)
        dsn = server.start()
        migrate(dsn)
        with relay_process(tmp_path, script) as relay:
            rig = Rig(home, dsn, CLOCKS, server=server, relay=relay)
            furnish(dsn, relay.port)
            try:
                for _ in range(workers):
                    rig.start_worker()
                yield rig
            finally:
                rig.end()
