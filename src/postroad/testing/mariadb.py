"""A private MariaDB for tests: own directory and port, on the loopback.

    with mariadb_server() as server, server.database() as name:
        with server.connect(name) as connection:
            ...

A start takes a second or two, a database a few milliseconds: share the server, not the database.
It ends with the process that asked for it, by kill -9 too.
"""

import itertools
import os
import pwd
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import IO, Any, Final

import pymysql
from pymysql.constants import CLIENT

from postroad.testing.database import private_home
from postroad.testing.rabbitmq import free_ports

START_SECONDS: Final = 60.0
USER: Final = "postroad"
PASSWORD: Final = "postroad"  # noqa: S105 - of a server that nobody else reaches
_ACCOUNT: Final = "mysql"
"""Of the package; the server refuses to run as root."""
_PLACES: Final = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
# Waits for the end of its standard input, then ends the server and tidies up.
_GUARD: Final = """
cat >/dev/null
kill -9 "$(cat "$1/data/pid" 2>/dev/null)" 2>/dev/null
rm -rf "$1"
"""


class MariaDBNotInstalled(Exception):
    """Its text is the reason to skip a test for."""


class MariaDBServer:
    """A running server. `USER` may do everything on it."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.host = "127.0.0.1"
        self.port = port
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[str] | None = None

    @property
    def socket(self) -> str:
        return str(self.home / "data" / "s")

    def start(self) -> None:
        """Until it takes connections."""
        program = _program("mariadbd")
        self._process = subprocess.Popen(
            [program, *_common(self.home), *self._options()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        assert self._process.stderr is not None
        _wait_until_ready(self._process.stderr)
        self._make_user()

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(START_SECONDS)

    def connect(self, database: str | None = None, **others: Any) -> "pymysql.Connection[Any]":
        """As `USER`, in UTC; each statement is its own transaction."""
        wanted: dict[str, Any] = {
            "host": self.host,
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "database": database,
            "charset": "utf8mb4",
            "autocommit": True,
            "init_command": "SET time_zone = '+00:00'",
        }
        return pymysql.connect(**(wanted | others))

    @contextmanager
    def database(self) -> Iterator[str]:
        """The name of a fresh database whose texts compare octet by octet; dropped afterwards."""
        name = f"test{next(self._numbers)}"
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(
                f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin"
            )
            try:
                yield name
            finally:
                cursor.execute(f"DROP DATABASE {name}")

    def run_script(self, script: str, database: str | None = None) -> None:
        """Many statements, one after the other."""
        flags = CLIENT.MULTI_STATEMENTS
        with (
            closing(self.connect(database, client_flag=flags)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(script)
            while cursor.nextset():
                pass

    # Inside.

    def _options(self) -> Sequence[str]:
        return (
            f"--port={self.port}",
            f"--bind-address={self.host}",
            f"--socket={self.socket}",
            f"--pid-file={self.home}/data/pid",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--innodb-buffer-pool-size=64M",
            "--innodb-flush-log-at-trx-commit=0",
            "--performance-schema=OFF",
        )

    def _make_user(self) -> None:
        with (
            closing(pymysql.connect(unix_socket=self.socket, user="root")) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(f"CREATE USER {USER}@'%' IDENTIFIED BY '{PASSWORD}'")
            cursor.execute(f"GRANT ALL ON *.* TO {USER}@'%' WITH GRANT OPTION")


@contextmanager
def mariadb_server() -> Iterator[MariaDBServer]:
    """A running server; it and its directory are gone afterwards."""
    _program("mariadbd")
    with private_home("postroad-mariadb-") as home, _guarded(home):
        (home / "data").mkdir()
        if os.geteuid() == 0:
            account = pwd.getpwnam(_ACCOUNT)
            os.chown(home / "data", account.pw_uid, account.pw_gid)
        _install(home)
        server = MariaDBServer(home, free_ports(1)[0])
        with ExitStack() as stack:
            stack.callback(server.stop)
            server.start()
            yield server


def _program(name: str) -> str:
    found = shutil.which(name, path=_PLACES)
    if found is None:
        raise MariaDBNotInstalled("mariadb-server is not installed")
    return found


def _common(home: Path) -> tuple[str, ...]:
    """What the server and the making of its data both want to know; no file is read."""
    as_account = (f"--user={_ACCOUNT}",) if os.geteuid() == 0 else ()
    return ("--no-defaults", f"--datadir={home}/data", *as_account)


def _install(home: Path) -> None:
    done = subprocess.run(
        [
            _program("mariadb-install-db"),
            *_common(home),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            "--skip-name-resolve",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"The data of MariaDB were not made:\n{done.stdout}{done.stderr}")


def _wait_until_ready(log: IO[str]) -> None:
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(log, lines), daemon=True).start()
    seen: list[str] = []
    while True:
        try:
            line = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            line = ""
        seen.append(line)
        if "ready for connections" in line:
            return
        if not line:
            raise RuntimeError(f"MariaDB did not start:\n{''.join(seen[-20:])}")


def _listen(output: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put("")


@contextmanager
def _guarded(home: Path) -> Iterator[None]:
    guard = subprocess.Popen(
        [shutil.which("sh") or "/bin/sh", "-c", _GUARD, "guard", str(home)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert guard.stdin is not None
    try:
        yield
    finally:
        guard.stdin.close()
        guard.wait(60)
