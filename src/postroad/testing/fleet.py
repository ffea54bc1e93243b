"""A fleet on one machine: database and relay on one host, workers on others.

    with a_fleet(tmp_path, shelf, "mars", "venus") as fleet:
        fleet.start_on("mars")
        run = fleet.ready(2000)

Hosts are network namespaces (see netns). The test itself speaks to the database
through its socket, which no network is needed for, and counts at the relay's file.
"""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo

from postroad.store.embedded import EmbeddedServer
from postroad.store.embedded.account import Account, account_for
from postroad.store.embedded.cluster import DATABASE, SUPERUSER, choose_cluster
from postroad.store.embedded.layout import Layout
from postroad.store.embedded.locks import wait_until
from postroad.testing.database import FAST, ended_with_us, migrate, private_home
from postroad.testing.netns import NET, Host, Network, a_network
from postroad.testing.product import LETTER, Product, furnish
from postroad.testing.relay import RelayProcess, Script, Tally, read_events, relay_process

_RELAY = 2
"""The relay has an address of its own: either can be cut off without the other."""


@dataclass
class Fleet(Product):
    """`dsn` is the database's socket; the hosts are told `remote_dsn`."""

    network: Network = field(kw_only=True)
    relay: RelayProcess = field(kw_only=True)
    remote_dsn: str = field(kw_only=True)
    database_address: str = field(kw_only=True)
    relay_address: str = field(kw_only=True)

    def start_on(self, name: str, *command: str, **environment: str) -> "subprocess.Popen[bytes]":
        """`postroad work` on that host, or another command of the product."""
        inside = self.network.hosts[name].inside
        told = {"DATABASE_URL": self.remote_dsn, **environment}
        process = self.start(*(command or ("work",)), inside=inside, **told)
        self.workers.append(process)
        return process

    @property
    def tally(self) -> Tally:
        return Tally.of(read_events(self.relay.file))


@contextmanager
def a_fleet(
    tmp_path: Path,
    shelf: Path,
    *names: str,
    script: Script | None = None,
    environment: Mapping[str, str] | None = None,
    settings: Mapping[str, str] = FAST,
    connections: int = 4,
    letter: str = LETTER,
) -> Iterator[Fleet]:
    """No worker runs yet. `settings` are the database's (fsync is off by default)."""
    with (
        private_home("postroad-fleet-") as home,
        ended_with_us(home),
        a_network(*names) as network,
    ):
        address = network.add_address(_RELAY)
        with (
            _database(home, shelf, network.hub, settings) as dsn,
            relay_process(tmp_path, script, host=address, inside=network.hub.inside()) as relay,
        ):
            furnish(dsn, relay.port, letter, connections, address)
            fleet = Fleet(
                home, dsn, environment or {},
                network=network, relay=relay, remote_dsn=_remote(network.hub),
                database_address=network.hub.address, relay_address=address,
            )  # fmt: skip
            try:
                yield fleet
            finally:
                fleet.end()


def _remote(hub: Host) -> str:
    return make_conninfo(host=hub.address, user=SUPERUSER, dbname=DATABASE)


@contextmanager
def _database(home: Path, shelf: Path, hub: Host, settings: Mapping[str, str]) -> Iterator[str]:
    """The embedded server, but started by hand: the product's own never listens on a network."""
    server = EmbeddedServer(home, settings=settings, shelf=shelf)
    migrate(server.start())
    directory = server.status().data_directory
    assert directory is not None
    socket = Path(server.status().dsn.partition("host=")[2].split()[0])
    server.stop()
    with (directory / "pg_hba.conf").open("a", encoding="ascii") as rules:
        rules.write(f"host all all {NET}.0/24 trust\n")
    socket.mkdir(mode=0o700, exist_ok=True)
    account = account_for(directory)
    os.chown(socket, account.uid, account.gid)
    process = _listening(hub, directory, socket, shelf, account)
    try:
        assert wait_until(lambda: server.attach() is not None, 30), "PostgreSQL did not start"
        yield server.status().dsn
    finally:
        server.stop()
        process.wait(30)


def _listening(
    hub: Host, data: Path, socket: Path, shelf: Path, account: Account
) -> "subprocess.Popen[bytes]":
    program = choose_cluster(Layout(data.parent.parent), shelf).binaries.program("postgres")
    fixed = {"listen_addresses": hub.address, "unix_socket_directories": str(socket)}
    options = [word for name, value in fixed.items() for word in ("-c", f"{name}={value}")]
    dropped = ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--clear-groups"]
    with (data.parent.parent / "log" / "postgres.log").open("ab") as log:
        return subprocess.Popen(
            hub.inside(*dropped, program, "-D", str(data), *options),
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True,
        )  # fmt: skip
