"""Compiled statements and routines, executed on a PostgreSQL. All raise SourceRefusal."""

from collections.abc import Iterator
from typing import Any, Final

from postroad.core.source.connection import Role, SourceTarget
from postroad.sources.compile.routines import Deployment

from .accounts import quoted
from .connecting import connected

AT_ONCE: Final = 2_000
"""Rows of one trip: the cursor stays with the server."""


def version(target: SourceTarget) -> int:
    """As `server_version_num`."""
    with connected(target, Role.DEPLOY) as connection:
        return connection.info.server_version


def read(target: SourceTarget, role: Role, sql: str) -> list[tuple[Any, ...]]:
    with connected(target, role) as connection:
        return connection.execute(sql.encode()).fetchall()


def deploy(target: SourceTarget, made: Deployment) -> None:
    """Whole, or not at all."""
    whole = f"{quoted(made.schema)}.{quoted(made.name)}"
    grant = f"GRANT EXECUTE ON FUNCTION {whole}() TO {quoted(target.run_user)}"
    with connected(target, Role.DEPLOY, is_writing=True) as connection:
        for statement in (*made.statements, grant):
            connection.execute(statement.encode())


def run(target: SourceTarget, name: str) -> Iterator[tuple[Any, ...]]:
    whole = f"{quoted(target.schema)}.{quoted(name)}"
    with (
        connected(target, Role.RUN) as connection,
        connection.cursor(name="people") as cursor,
    ):
        cursor.itersize = AT_ONCE
        cursor.execute(f"SELECT * FROM {whole}()".encode())  # noqa: S608 - quoted.
        yield from cursor
