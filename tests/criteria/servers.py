"""Two servers spoken to alike: a connection that runs SQL without parameters and gives rows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg

from postroad.sources.compile.routines import Deployment
from postroad.sources.compile.where import Server
from postroad.testing.database import TestServer
from postroad.testing.mariadb import MariaDBServer


class Spoken(Protocol):
    """What both drivers have in common."""

    def execute(self, sql: Any, values: Any = None, /) -> Any: ...

    def fetchall(self) -> Any: ...


@dataclass(frozen=True)
class Place:
    """A database on one of the servers. `schema` is where its tables are."""

    server: Server
    schema: str
    cursor: Spoken

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Without values nothing in the SQL is a placeholder."""
        if self.server is Server.POSTGRESQL:
            self.cursor.execute(sql.encode(), values or None)
        else:
            self.cursor.execute(sql, values or None)
        return list(self.cursor.fetchall())

    def run(self, *statements: str) -> None:
        for one in statements:
            if self.server is Server.POSTGRESQL:
                self.cursor.execute(one.encode())
            else:
                self.cursor.execute(one)

    def deploy(self, deployment: Deployment) -> None:
        self.run(*deployment.statements)

    def call(self, schema: str, name: str) -> list[tuple[Any, ...]]:
        """What a deployed routine returns."""
        if self.server is Server.POSTGRESQL:
            return self.rows(f'SELECT * FROM "{schema}"."{name}"()')
        return self.rows(f"CALL `{schema}`.`{name}`()")


@contextmanager
def postgresql_place(server: TestServer, template: str, schema: str) -> Iterator[Place]:
    with server.clone(template) as dsn, psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SET TimeZone = 'Pacific/Auckland'")
        yield Place(Server.POSTGRESQL, schema, connection.cursor())


@contextmanager
def mariadb_place(server: MariaDBServer, script: str) -> Iterator[Place]:
    with server.database() as name:
        server.run_script(script, name)
        with closing(server.connect(name)) as connection, connection.cursor() as cursor:
            yield Place(Server.MARIADB, name, cursor)
