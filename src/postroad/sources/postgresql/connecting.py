"""A connection to a customer's PostgreSQL, time-boxed; read-only unless writing is the point."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Final

import psycopg
from psycopg.conninfo import make_conninfo

from postroad.core.source.connection import Dialect, Role, SourceTarget, Tls
from postroad.sources.authorities import trusted_file
from postroad.sources.queries import query

from .faults import refusal_of

CONNECT_SECONDS: Final = 10
LOCK_SECONDS: Final = 5
"""Nobody's writers wait behind us, and we wait for nobody's for long."""

Connection = psycopg.Connection[tuple[Any, ...]]


@contextmanager
def connected(
    target: SourceTarget, role: Role, *, is_writing: bool = False
) -> Iterator[Connection]:
    """Within a transaction, committed at the end; rolled back by any exception.

    Raises SourceRefusal for what the server or the way to it refuses.
    """
    try:
        with closing(_open(target, role)) as connection:
            _settle(connection, target)
            connection.autocommit = False
            connection.read_only = not is_writing
            with connection.transaction():
                yield connection
    except psycopg.Error as error:
        refusal = refusal_of(error, target, role)
        if refusal is None:
            raise
        raise refusal from None


def _open(target: SourceTarget, role: Role) -> Connection:
    words = make_conninfo(
        host=target.host,
        port=target.port,
        dbname=target.database,
        user=target.user(role),
        password=target.password(role),
        connect_timeout=CONNECT_SECONDS,
        application_name="postroad",
        client_encoding="utf8",
        gssencmode="disable",
        **_tls(target),
    )
    return psycopg.connect(words, autocommit=True)


def _tls(target: SourceTarget) -> dict[str, str]:
    match target.tls:
        case Tls.NONE:
            return {"sslmode": "disable"}
        case Tls.ENCRYPTED:
            return {"sslmode": "require"}
        case Tls.VERIFIED:
            return {"sslmode": "verify-full", "sslrootcert": target.ca_file or trusted_file()}


def _settle(connection: Connection, target: SourceTarget) -> None:
    """Whatever account and database set for their sessions, ours are alike."""
    limits = {
        "statement": f"{target.timeout_seconds}s",
        "lock": f"{min(LOCK_SECONDS, target.timeout_seconds)}s",
        "idle": f"{2 * target.timeout_seconds}s",
    }
    connection.execute(query(Dialect.POSTGRESQL, "settle"), limits)
