"""How the embedded server is reached, and the one database that it is for."""

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from postroad.store.embedded.cluster import DATABASE, SUPERUSER
from postroad.store.embedded.faults import EmbeddedFault, disk_full
from postroad.store.embedded.postmaster import Postmaster

ANSWER_SECONDS = 10


def dsn_of(live: Postmaster, database: str = DATABASE) -> str:
    """A libpq connection string: host is the socket's directory."""
    return make_conninfo(
        host=str(live.run_directory), port=str(live.port), user=SUPERUSER, dbname=database
    )


def make_database(live: Postmaster) -> None:
    """Makes the database unless it is there. Also proves that the server answers."""
    try:
        with psycopg.connect(
            dsn_of(live, "template1"), autocommit=True, connect_timeout=ANSWER_SECONDS
        ) as connection:
            if not _has_database(connection):
                name = sql.Identifier(DATABASE)
                connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
    except psycopg.errors.DiskFull as error:
        raise disk_full(live.run_directory, str(error)) from error
    except psycopg.OperationalError as error:
        raise EmbeddedFault(
            f"PostgreSQL (pid {live.pid}) runs but does not let us in: {error}. "
            f"Stop it with `postroad down` and start again.",
            cause=str(error),
            is_temporary=True,
        ) from error


def _has_database(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    question = "SELECT FROM pg_database WHERE datname = %s"
    return connection.execute(question, (DATABASE,)).rowcount == 1
