"""A home of its own for each test; the copied programs are shared with the session's server."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import FAST, TestServer, ended_with_us, private_home


@pytest.fixture(scope="session")
def guarded() -> Iterator[Path]:
    """Whatever is started below it ends with the session, and with its kill."""
    with private_home() as directory, ended_with_us(directory):
        yield directory


@pytest.fixture
def home(guarded: Path) -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(dir=guarded))
    directory.chmod(0o711)
    yield directory
    EmbeddedServer(directory).stop()
    shutil.rmtree(directory)


@pytest.fixture
def shelf(postgres_server: TestServer) -> Path:
    return postgres_server.shelf


@pytest.fixture
def server(home: Path, shelf: Path) -> EmbeddedServer:
    """Not started yet. The kernel keeps what a killed process wrote, so fsync may be off."""
    return EmbeddedServer(home, shelf=shelf, patience_seconds=60, settings=FAST)


def value(dsn: str, query: str) -> object:
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def run(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        connection.execute(statement.encode())


def pid_of(server: EmbeddedServer) -> int:
    pid = server.status().pid
    assert pid > 0
    return pid
