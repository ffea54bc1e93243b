"""The product's own processes around a database and a relay of their own, to be killed.

Each worker speaks to the database through a line of its own, which can be cut.
Everything is counted at the relay, from its own files.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import ended_with_us, in_memory, migrated_server, private_home
from postroad.testing.product import Product, furnish
from postroad.testing.proxy import Line, Lines, some_lines
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Script

from .relays import Relays

WINDOW = 100
CONNECTIONS = 4
CLOCKS = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.5",
}
DISK_MEGABYTES = 1500


@dataclass
class Rig(Product):
    server: EmbeddedServer = field(kw_only=True)
    relay: Relays = field(kw_only=True)
    lines: Lines = field(kw_only=True)
    disk: Path | None = field(kw_only=True, default=None)
    """A small disk under the database, where there is one."""
    to_database: dict[int, Line] = field(default_factory=dict)
    """By the pid of a worker."""
    web: "subprocess.Popen[bytes] | None" = None
    broker: RabbitMQNode | None = field(kw_only=True, default=None)
    to_broker: dict[int, Line] = field(default_factory=dict)
    """By the pid of a worker."""
    own_faults: tuple[Any, ...] = ()
    """Of the engine that carries the references."""
    killed: int = 0
    """Workers killed or cut off: each may leave a window of unknowns."""

    # Workers.

    def start_worker(self) -> "subprocess.Popen[bytes]":
        """One that reaches the database through a line of its own."""
        number = len(self.to_database)
        known = conninfo_to_dict(self.dsn)
        here = self.home / f"line-{number}"
        here.mkdir()
        name = f".s.PGSQL.{known['port']}"
        line = self.lines.between(here / name, Path(str(known["host"])) / name)
        to_broker = self._line_to_broker()
        worker = self.start(
            "work",
            DATABASE_URL=make_conninfo(self.dsn, host=str(here)),
            BROKER_URL=url_through(to_broker)
            if to_broker
            else self.environment.get("BROKER_URL", ""),
        )
        self.to_database[worker.pid] = line
        if to_broker:
            self.to_broker[worker.pid] = to_broker
        self.workers.append(worker)
        return worker

    def _line_to_broker(self) -> Line | None:
        if self.broker is None:
            return None
        return self.lines.between(("127.0.0.1", 0), ("127.0.0.1", self.broker.port))

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
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                # It may have been killed meanwhile.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def is_silent(self, pid: int) -> bool:
        """Whether the worker of that pid counts as dead."""
        row = self.call("SELECT bool_and(alive_until < now()) FROM worker WHERE pid = %s", pid)
        return bool(row[0])

    # The web.

    def start_web(self) -> "subprocess.Popen[bytes]":
        """The one that runs, or a new one."""
        if self.web is None or self.web.poll() is not None:
            self.web = self.start("serve")
        return self.web

    def kill_web(self) -> None:
        self.start_web().kill()

    def end(self) -> None:
        super().end()
        if self.web is not None:
            self.web.kill()
            self.web.wait()

    # The database.

    @property
    def database_pids(self) -> list[int]:
        postmaster = self.server.status().pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text()
        return [postmaster, *map(int, children.split())]

    def kill_database(self) -> None:
        """SIGKILL to the postmaster; its backends follow. Started again at the first try."""
        postmaster, *backends = self.database_pids
        os.kill(postmaster, signal.SIGKILL)
        for pid in backends:
            # One that is frozen at this moment could not follow.
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        self.server.start()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """No octet more for the database; afterwards there is space again."""
        assert self.disk is not None
        resize(self.disk, used_kilobytes(self.disk) + 4)
        try:
            yield
        finally:
            resize(self.disk, DISK_MEGABYTES * 1024)
            # It may have given up meanwhile: `postroad up` starts it again.
            self.server.start()

    # Looking.

    def until(self, holds: Callable[[], bool], what: str, run: int = 1) -> None:
        """As long as anything moves, however slow the machine; at most ten times as patient."""
        for _ in range(10):
            before = self._moved(run)
            try:
                super().until(holds, what, run)
            except AssertionError:
                if self._moved(run) == before:
                    raise
            else:
                return
        raise AssertionError(f"Never: {what}. {self.counts(run)}")

    def _moved(self, run: int) -> tuple[int, dict[str, int]]:
        with suppress(psycopg.OperationalError):
            return self.relay.accepted(), self.counts(run)
        return self.relay.accepted(), {}

    @property
    def past_their_dot(self) -> int:
        """What a worker with a ledger may leave unknown when it is killed or cut off."""
        return CONNECTIONS * self.relay.depth

    def written_by(self, command: str) -> str:
        """The logs of all processes of that name."""
        return "".join(log.read_text() for log in (self.home / "log").glob(f"{command}-*"))

    def until_accepted(self, count: int) -> None:
        self.until(lambda: self.relay.accepted() >= count, f"{count} accepted at the relay")

    def until_quiet(self, run: int) -> None:
        """Late facts may open a finished run again: until it has ended, nothing is owned, and
        no ledger of the dead is left that could tell more."""
        self.until(
            lambda: (
                self._ledgers_left() <= len(self.workers)
                and self.state(run) == "finished"
                and self.call("SELECT count(*) FROM batch WHERE owner IS NOT NULL")[0] == 0
            ),
            "quiet",
        )

    def _ledgers_left(self) -> int:
        place = self.home / "ledger"
        return len(list(place.iterdir())) if place.exists() else 0

    def use_relay_again(self) -> None:
        """What a person does once the relay is mended.

        Lanes that a 421 slowed down go on at once; by themselves they need minutes.
        """
        self.call(
            "WITH quick AS (UPDATE bucket SET per_minute = 60000, slow_from = 1000000,"
            " interval_us = interval_of(60000), life_us = life_of(60000) WHERE kind = 'slow'"
            " AND per_minute < 60000 RETURNING 1) SELECT count(*) FROM quick"
        )
        self.call(
            "SELECT bool_or(start_relay(relay_id, 'manager')) FROM relay_health"
            " WHERE stopped_at IS NOT NULL"
        )


@contextmanager
def a_rig(
    tmp_path: Path,
    shelf: Path,
    script: Script | None = None,
    workers: int = 2,
    *,
    disk: bool = False,
    broker: RabbitMQNode | None = None,
    more: Mapping[str, str] | None = None,
) -> Iterator[Rig]:
    """A database with fsync on, a relay process, and workers.

    `disk`: the database lies on a small disk of its own; needs root. `broker`: it rings.
    """
    with (
        private_home("postroad-chaos-", in_memory()) as home,
        a_small_disk(home / "disk", wanted=disk) as small,
        ended_with_us(home),
        some_lines() as lines,
        Relays(tmp_path) as relay,
    ):
        relay.start(script)
        server = migrated_server(small or home, shelf)
        dsn = server.start()
        furnish(dsn, relay.port, connections=CONNECTIONS)
        environment = CLOCKS | {"POSTROAD_PORT": str(free_port())} | dict(more or {})
        rig = Rig(
            home, dsn, environment,
            server=server, relay=relay, lines=lines, disk=small, broker=broker,
        )  # fmt: skip
        try:
            for _ in range(workers):
                rig.start_worker()
            yield rig
        finally:
            rig.end()
            if small:
                server.stop()


@contextmanager
def a_small_disk(place: Path, *, wanted: bool) -> Iterator[Path | None]:
    if not wanted:
        yield None
        return
    place.mkdir()
    size = f"size={DISK_MEGABYTES}m,mode=711"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("may not mount a small disk here")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def url_through(line: Line) -> str:
    assert not isinstance(line.address, Path)
    return f"amqp://guest:guest@127.0.0.1:{line.address[1]}/%2F"


def used_kilobytes(disk: Path) -> int:
    facts = os.statvfs(disk)
    return (facts.f_blocks - facts.f_bfree) * facts.f_frsize // 1024


def resize(disk: Path, kilobytes: int) -> None:
    """Below what is used is refused; somebody may have written meanwhile."""
    for more in (0, 64, 1024, 16384):
        size = f"remount,size={kilobytes + more}k"
        if subprocess.run(["mount", "-o", size, str(disk)], check=False).returncode == 0:
            return
    raise AssertionError(f"the disk does not become {kilobytes} kB")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def connect(rig: Rig) -> psycopg.Connection:
    return psycopg.connect(rig.dsn, autocommit=True, connect_timeout=10)
