"""Whether both accounts on a PostgreSQL have the rights they need, and no more."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from psycopg.rows import dict_row

from postroad.core.source.connection import Dialect, Role, SourceTarget
from postroad.core.source.diagnosis import Diagnosis, Trouble, diagnose
from postroad.sources.queries import query
from postroad.sources.rights import Rights

from .connecting import connected

OLDEST: Final = 120_000


def deploy_rights(target: SourceTarget) -> Rights:
    """Raises SourceRefusal when there is no session."""
    row = _look(target, Role.DEPLOY)
    return Rights(
        tuple(diagnose(trouble, target, Role.DEPLOY) for trouble in _deploy_troubles(row)),
        tuple(_warnings(row, target, Role.DEPLOY)),
        server=f"PostgreSQL {row['version'].partition(' ')[0]}",
        tls=row["tls"],
        tables=row["readable"],
    )


def run_rights(target: SourceTarget) -> Rights:
    """Raises SourceRefusal when there is no session."""
    row = _look(target, Role.RUN)
    missing = () if row["may_use"] else (diagnose(Trouble.NO_USAGE, target, Role.RUN),)
    return Rights(missing, tuple(_warnings(row, target, Role.RUN)))


def _look(target: SourceTarget, role: Role) -> dict[str, Any]:
    with connected(target, role) as connection, connection.cursor(row_factory=dict_row) as cursor:
        text = query(Dialect.POSTGRESQL, f"check_{role}").encode()
        row = cursor.execute(text, {"schema": target.schema}).fetchone()
    if row is None:
        raise LookupError("A count without groups always has a row.")
    return row


def _deploy_troubles(row: Mapping[str, Any]) -> Iterator[Trouble]:
    if row["version_number"] < OLDEST:
        yield Trouble.TOO_OLD
    if not row["has_schema"]:
        yield Trouble.NO_SCHEMA
    elif not row["may_create"]:
        yield Trouble.NO_CREATE
    if not row["readable"]:
        yield Trouble.NOTHING_TO_READ


def _warnings(row: Mapping[str, Any], target: SourceTarget, role: Role) -> Iterator[Diagnosis]:
    if row["writable"]:
        yield diagnose(Trouble.MAY_WRITE, target, role)
    if role == Role.RUN and row["readable"]:
        yield diagnose(Trouble.MAY_READ, target, role)
