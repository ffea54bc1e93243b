"""The shop on each server."""

from collections.abc import Iterator
from contextlib import ExitStack

import psycopg
import pytest

from postroad.sources.compile.where import Server
from postroad.testing.database import TestServer

from .servers import Place, mariadb_place, postgresql_place
from .shop import MARIADB, POSTGRESQL, SCHEMA


@pytest.fixture(scope="session")
def shop_template(postgres_server: TestServer) -> str:
    postgres_server.make_template("shop", _fill)
    return "shop"


@pytest.fixture(scope="module", params=list(Server))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The shop, to be read by all the tests of a module."""
    with ExitStack() as stack:
        if request.param is Server.POSTGRESQL:
            template = request.getfixturevalue("shop_template")
            server = request.getfixturevalue("postgres_server")
            yield stack.enter_context(postgresql_place(server, template, SCHEMA))
        else:
            server = request.getfixturevalue("mariadb")
            yield stack.enter_context(mariadb_place(server, MARIADB))


def _fill(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute(POSTGRESQL.encode())
