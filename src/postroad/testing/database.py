"""A private PostgreSQL for tests, and a fresh copy of the migrated database for each.

    with private_server() as server:
        server.make_template("migrated", migrate)
        with server.clone("migrated") as dsn:
            ...

The server is the product's own embedded one, with fsync off: it is thrown
away. It ends with the process that asked for it, by kill -9 too. A copy takes
a third of a second on a disk and a thirtieth in memory: see `in_memory`.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psutil
import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from postroad.store.embedded import EmbeddedServer

FAST: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "2GB",
    "autovacuum_naptime": "5min",
}
"""Nothing of this survives a power cut; nothing of it needs to."""
_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it is ours alone.
_ROOM_OCTETS = 4 * 1024**3
"""The largest test writes a million rows and their journal."""
_COPY = shutil.which("cp") or "/bin/cp"


class TestServer:
    """A running server and the way to templates and clones on it. `home` is reachable by all."""

    __test__ = False

    def __init__(self, embedded: EmbeddedServer, home: Path) -> None:
        self.embedded = embedded
        self.home = home
        self.dsn = embedded.start()
        self._numbers = itertools.count(1)

    @property
    def shelf(self) -> Path:
        """Copies of PostgreSQL's programs, for further servers to share."""
        return self.home / "postgres" / "binaries"

    def make_template(self, name: str, fill: Callable[[str], None]) -> None:
        """Makes database `name`, lets `fill(dsn)` fill it, and closes it for cloning."""
        self._execute("CREATE DATABASE {}", name)
        fill(self.dsn_of(name))
        self._execute("ALTER DATABASE {} ALLOW_CONNECTIONS false IS_TEMPLATE true", name)

    @contextmanager
    def clone(self, template: str) -> Iterator[str]:
        """The DSN of a copy of the template; dropped afterwards, whoever is still connected."""
        name = f"{template}_{os.getpid()}_{next(self._numbers)}"
        self._execute("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy", name, template)
        try:
            yield self.dsn_of(name)
        finally:
            self._execute("DROP DATABASE {} WITH (FORCE)", name)

    def dsn_of(self, database: str) -> str:
        return make_conninfo(self.dsn, dbname=database)

    def _execute(self, statement: LiteralString, *names: str) -> None:
        composed = sql.SQL(statement).format(*map(sql.Identifier, names))
        with psycopg.connect(self.dsn, autocommit=True, connect_timeout=10) as connection:
            connection.execute(composed)


def in_memory() -> Path | None:
    """Where a directory takes no disk, if this machine has such a place with room for a server."""
    try:
        facts = os.statvfs(_MEMORY)
    except OSError:
        return None
    room = min(facts.f_bavail * facts.f_frsize, psutil.virtual_memory().available)
    # The programs of the server lie there too.
    may_run = os.access(_MEMORY, os.W_OK) and not facts.f_flag & os.ST_NOEXEC
    return _MEMORY if may_run and room >= _ROOM_OCTETS else None


@contextmanager
def private_home(prefix: str = "postroad-test-", within: Path | None = None) -> Iterator[Path]:
    """A directory of our own with a short path that root's dropped account can enter; removed.

    `within`: another place than the system's for temporary files.
    """
    home = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    home.chmod(0o711)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def private_server(
    settings: Mapping[str, str] = FAST, within: Path | None = None
) -> Iterator[TestServer]:
    """A server in a directory of its own, `within` another; both are gone afterwards."""
    with private_home(within=within) as home, ended_with_us(home):
        server = TestServer(EmbeddedServer(home, settings=settings), home)
        yield server
        server.embedded.stop()


@contextmanager
def ended_with_us(home: Path) -> Iterator[None]:
    """Stops every server at or below `home` and removes it, also when this process is killed.

    A guard process waits for the end of its standard input, which comes either way.
    """
    guard = subprocess.Popen(
        [sys.executable, "-m", "postroad.testing.database", str(home)],
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert guard.stdin is not None
    try:
        yield
    finally:
        guard.stdin.close()
        guard.wait(60)


def migrate(dsn: str) -> None:
    """Brings an empty database up to date, in a process of its own: Django is set up only once."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from postroad.settings import Settings\n"
        "from postroad.web.django_settings import configure\n"
        "configure(Settings(home=Path(sys.argv[1])), sys.argv[2])\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
    )
    with private_home() as home:
        done = subprocess.run(
            [sys.executable, "-c", program, str(home), dsn],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
    if done.returncode != 0:
        raise RuntimeError(f"The migrations failed; mend them:\n{done.stderr}")


def migrated_server(home: Path, shelf: Path) -> EmbeddedServer:
    """A server below an empty `home`, migrated and not started yet; what it commits is on disk.

    The first with these programs is made; the others are copies of it.
    """
    first = shelf.parent / "first"
    made = first / "made"
    if not made.exists():
        server = EmbeddedServer(first, shelf=shelf)
        migrate(server.start())
        server.stop()
        made.touch()
    # Owners and modes as they were: root's dropped account reads them.
    subprocess.run([_COPY, "-a", str(first / "postgres"), str(home)], check=True)
    return EmbeddedServer(home, shelf=shelf)


def _guard(home: Path) -> None:
    sys.stdin.buffer.read()
    for lock in home.glob("**/postgres/start.lock"):
        EmbeddedServer(lock.parent.parent).stop(patience_seconds=5)
    shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    _guard(Path(sys.argv[1]))
