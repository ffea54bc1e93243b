"""A home of its own for each test; the copied programs are shared with the session's server."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import TestServer, ended_with_us, private_home


@pytest.fixture
def home() -> Iterator[Path]:
    with private_home() as directory, ended_with_us(directory):
        yield directory


@pytest.fixture
def shelf(postgres_server: TestServer) -> Path:
    return postgres_server.shelf


@pytest.fixture
def server(home: Path, shelf: Path) -> EmbeddedServer:
    """Not started yet; durable as in production."""
    return EmbeddedServer(home, shelf=shelf, patience_seconds=30)


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
