"""Compiled statements and routines, executed on a MariaDB. All raise SourceRefusal."""

from collections.abc import Iterator
from typing import Any

from pymysql.cursors import SSCursor

from postroad.core.source.connection import Role, SourceTarget
from postroad.sources.compile.routines import ATOMIC_FROM, Deployment

from .accounts import quoted
from .connecting import connected


def version(_target: SourceTarget) -> int:
    """A procedure's names are fixed when it is created, on every version that is taken."""
    return ATOMIC_FROM


def read(target: SourceTarget, role: Role, sql: str) -> list[tuple[Any, ...]]:
    with connected(target, role) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def deploy(target: SourceTarget, made: Deployment) -> None:
    """The run account may execute whatever is in the routines' database."""
    with (
        connected(target, Role.DEPLOY, is_writing=True) as connection,
        connection.cursor() as cursor,
    ):
        for statement in made.statements:
            cursor.execute(statement)


def run(target: SourceTarget, name: str) -> Iterator[tuple[Any, ...]]:
    with connected(target, Role.RUN) as connection, connection.cursor(SSCursor) as cursor:
        cursor.execute(f"CALL {quoted(target.schema)}.{quoted(name)}()")
        yield from cursor.fetchall_unbuffered()
