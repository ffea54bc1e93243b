"""A customer's PostgreSQL for tests: on a port of its own, with passwords and TLS.

    with customer_postgres(shelf, certificate) as server:
        server.execute("CREATE DATABASE shop")
        target = server.target("shop")

It ends with the process that asked for it, by kill -9 too: a guard holds it, whose standard input
ends then.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from postroad.store.embedded.account import Account, account_for
from postroad.store.embedded.binaries import wheel_binaries
from postroad.testing.database import private_home
from postroad.testing.rabbitmq import free_ports

SUPERUSER = "dba"
HBA = """\
local   all all       trust
host    all barred    127.0.0.1/32 reject
hostssl all ciphered  127.0.0.1/32 scram-sha-256
hostnossl all ciphered  127.0.0.1/32 reject
host    all all       127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class CustomerServer:
    home: Path
    port: int
    has_tls: bool

    def dsn(self, database: str = "postgres") -> str:
        """As superuser."""
        return make_conninfo(
            "", host=str(self.home), port=self.port, user=SUPERUSER, dbname=database
        )

    def execute(self, statements: str, database: str = "postgres") -> None:
        """As superuser, each on its own: a script of a DBA's or a dump."""
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            connection.execute(statements.encode())

    def switch_tls(self, *, on: bool) -> None:
        """Offered or not from the next connection on."""
        self.execute(f"ALTER SYSTEM SET ssl = {'on' if on else 'off'}")
        self.execute("SELECT pg_reload_conf()")
        self.until(f"SELECT current_setting('ssl')::bool = {on}")

    def until(self, question: str) -> None:
        deadline = time.monotonic() + 10
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self.dsn()) as connection:
                if connection.execute(question.encode()).fetchone() == (True,):
                    return
            if time.monotonic() > deadline:
                log = (self.home / "log").read_text(errors="replace")
                raise TimeoutError(f"the server never came to {question}:\n{log}")


@contextmanager
def customer_postgres(shelf: Path, certificate: Path) -> Iterator[CustomerServer]:
    """The system's PostgreSQL where there is one, else the embedded, which speaks no TLS.

    `certificate` is a PEM file with its key. `shelf` as of the embedded server.
    """
    with private_home("postroad-customer-") as home:
        account = account_for(None)
        programs, has_tls = _programs(shelf)
        data = home / "data"
        data.mkdir(mode=0o700)
        for path in (home, data):
            os.chown(path, account.uid, account.gid)
        (port,) = free_ports(1)
        _make(programs / "initdb", data, certificate, account)
        server = CustomerServer(home, port, has_tls)
        with _started([str(programs / "postgres"), *_options(data, home, port)], home):
            server.until("SELECT true")
            if has_tls:
                server.switch_tls(on=True)
            yield server


def _programs(shelf: Path) -> tuple[Path, bool]:
    """The system's, which speak TLS, where there are any; else ours, which do not."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent, True
    return Path(wheel_binaries(shelf).program("postgres")).parent, False


def _make(initdb: Path, data: Path, certificate: Path, account: Account) -> None:
    more = ("--encoding=UTF8", "--locale=C.UTF-8")
    subprocess.run(
        [initdb, f"--pgdata={data}", f"--username={SUPERUSER}", *more, "--no-sync", "--auth=trust"],
        check=True,
        capture_output=True,
        cwd="/",
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    (data / "pg_hba.conf").write_text(HBA, encoding="ascii")
    for name in ("server.crt", "server.key"):
        shutil.copy(certificate, data / name)
        os.chown(data / name, account.uid, account.gid)
        (data / name).chmod(0o600)


@contextmanager
def _started(command: list[str], home: Path) -> Iterator[None]:
    with (home / "log").open("ab") as log:
        guard = subprocess.Popen(
            [sys.executable, "-m", "postroad.testing.customer", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    assert guard.stdin is not None
    try:
        yield
    finally:
        guard.stdin.close()
        guard.wait(60)


def _options(data: Path, home: Path, port: int) -> list[str]:
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(home),
        "fsync": "off",
        "shared_buffers": "16MB",
        "max_connections": "30",
    }
    return ["-D", str(data), *(f"--{name}={value}" for name, value in settings.items())]


def _guard(command: list[str]) -> None:
    account = account_for(None)
    server = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
    sys.stdin.buffer.read()
    server.send_signal(signal.SIGINT)
    try:
        server.wait(30)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


if __name__ == "__main__":
    _guard(sys.argv[1:])
