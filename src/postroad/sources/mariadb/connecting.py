"""A connection to a customer's MariaDB, time-boxed; read-only unless writing is the point."""

import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any, Final, TypeAlias

import pymysql
from pymysql.cursors import Cursor

from postroad.core.source.connection import Role, SourceTarget, Tls
from postroad.core.source.diagnosis import SourceRefusal, Trouble, diagnose

from .faults import opening_refusal, refusal_of

CONNECT_SECONDS: Final = 10
LOCK_SECONDS: Final = 5
"""Nobody's writers wait behind us, and we wait for nobody's for long."""
SQL_MODE: Final = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"
"""That of our sessions, whatever server and account say; routines keep the one they are made in."""

Connection: TypeAlias = "pymysql.Connection[Cursor]"


@contextmanager
def connected(
    target: SourceTarget, role: Role, *, is_writing: bool = False
) -> Iterator[Connection]:
    """Within a transaction, committed at the end; rolled back by any exception.

    Deploy begins in the people's database, run in that of our routines, the only one it may enter.
    Raises SourceRefusal for what the server or the way to it refuses.
    """
    with closing(_opened(target, role)) as connection:
        try:
            _settle(connection, target, is_writing=is_writing)
            yield connection
            connection.commit()
        except pymysql.MySQLError as error:
            refusal = refusal_of(error, target, role)
            if refusal is None:
                raise
            raise refusal from None


def _opened(target: SourceTarget, role: Role) -> Connection:
    try:
        return _connect(target, role)
    except pymysql.MySQLError as error:
        refusal = opening_refusal(error, target, role)
        is_password = refusal.diagnosis.trouble == Trouble.PASSWORD
        if is_password and target.tls == Tls.NONE and _works_with_tls(target, role):
            refusal = SourceRefusal(
                diagnose(Trouble.TLS_WANTED, target, role, refusal.diagnosis.said)
            )
        raise refusal from None


def _works_with_tls(target: SourceTarget, role: Role) -> bool:
    """An account that requires TLS is refused without it in the words for a wrong password."""
    try:
        _connect(replace(target, tls=Tls.ENCRYPTED), role).close()
    except pymysql.MySQLError:
        return False
    return True


def _connect(target: SourceTarget, role: Role) -> Connection:
    return pymysql.connect(
        host=target.host,
        port=target.port,
        user=target.user(role),
        password=target.password(role),
        database=target.database if role == Role.DEPLOY else target.schema,
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        # The server stops a statement of ours; this is for a server that says nothing any more.
        read_timeout=target.timeout_seconds + CONNECT_SECONDS,
        write_timeout=CONNECT_SECONDS,
        program_name="postroad",
        **_tls(target, role),
    )


def _tls(target: SourceTarget, role: Role) -> dict[str, Any]:
    if target.tls == Tls.NONE:
        return {"ssl_disabled": True}
    try:
        context = ssl.create_default_context(cafile=target.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SourceRefusal(
            diagnose(Trouble.CERTIFICATE, target, role, f"{target.ca_file}: {error}")
        ) from None
    # Authorities of companies' own often lack what the strict reading of RFC 5280 wants.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if target.tls == Tls.ENCRYPTED:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return {"ssl": context}


def _settle(connection: Connection, target: SourceTarget, *, is_writing: bool) -> None:
    """Whatever server and account set for their sessions, ours are alike."""
    seconds = target.timeout_seconds
    settings: dict[str, object] = {
        "sql_mode": SQL_MODE,
        "time_zone": "+00:00",
        "lock_wait_timeout": min(LOCK_SECONDS, seconds),
        "innodb_lock_wait_timeout": min(LOCK_SECONDS, seconds),
        "wait_timeout": 2 * seconds + CONNECT_SECONDS,
    }
    if is_mariadb(connection):
        settings["max_statement_time"] = seconds
    else:
        settings["max_execution_time"] = 1000 * seconds
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute(f"SET SESSION {name} = %s", (value,))
        cursor.execute(f"START TRANSACTION {'READ WRITE' if is_writing else 'READ ONLY'}")


def is_mariadb(connection: Connection) -> bool:
    """Else it is a MySQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version()")
        return "mariadb" in str(cursor.fetchone()).lower()
