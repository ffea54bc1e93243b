"""Whether both accounts on a MariaDB have the rights they need, and no more."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pymysql.cursors import DictCursor

from postroad.core.source.connection import Dialect, Role, SourceTarget
from postroad.core.source.diagnosis import Diagnosis, Trouble, diagnose
from postroad.sources.queries import query
from postroad.sources.rights import Rights

from .connecting import connected

OLDEST_MARIADB: Final = (10, 6)
OLDEST_MYSQL: Final = (8, 0)
_VERSION = re.compile(r"(?:5\.5\.5-)?(\d+)\.(\d+)[\d.]*")


def deploy_rights(target: SourceTarget) -> Rights:
    """Raises SourceRefusal when there is no session."""
    row = _look(target, Role.DEPLOY)
    return Rights(
        tuple(diagnose(trouble, target, Role.DEPLOY) for trouble in _deploy_troubles(row)),
        tuple(_warnings(row, target, Role.DEPLOY)),
        server=_server(row["version"]),
        tls=row["tls"],
        tables=row["readable"],
    )


def run_rights(target: SourceTarget) -> Rights:
    """Raises SourceRefusal when there is no session."""
    row = _look(target, Role.RUN)
    missing = () if row["may_execute"] else (diagnose(Trouble.NO_USAGE, target, Role.RUN),)
    return Rights(missing, tuple(_warnings(row, target, Role.RUN)))


def _look(target: SourceTarget, role: Role) -> dict[str, Any]:
    with connected(target, role) as connection, connection.cursor(DictCursor) as cursor:
        cursor.execute(query(Dialect.MARIADB, "check"), {"schema": target.schema})
        row = cursor.fetchone() or {}
        cursor.execute(query(Dialect.MARIADB, "tls"))
        state = {each["Variable_name"]: each["Value"] for each in cursor.fetchall()}
    words = (state.get("Ssl_version", ""), state.get("Ssl_cipher", ""))
    return {**row, "tls": ", ".join(word for word in words if word)}


def _deploy_troubles(row: Mapping[str, Any]) -> Iterator[Trouble]:
    if _is_too_old(row["version"]):
        yield Trouble.TOO_OLD
    if not row["has_schema"]:
        yield Trouble.NO_SCHEMA
    elif not (row["may_create"] and row["may_execute"]):
        yield Trouble.NO_CREATE
    if not row["readable"]:
        yield Trouble.NOTHING_TO_READ


def _is_too_old(version: str) -> bool:
    found = _VERSION.match(version)
    oldest = OLDEST_MARIADB if "mariadb" in version.lower() else OLDEST_MYSQL
    return found is not None and (int(found[1]), int(found[2])) < oldest


def _server(version: str) -> str:
    found = _VERSION.match(version)
    name = "MariaDB" if "mariadb" in version.lower() else "MySQL"
    return f"{name} {found[0].removeprefix('5.5.5-') if found else version}"


def _warnings(row: Mapping[str, Any], target: SourceTarget, role: Role) -> Iterator[Diagnosis]:
    if row["writable"]:
        yield diagnose(Trouble.MAY_WRITE, target, role)
    if role == Role.RUN and row["readable"]:
        yield diagnose(Trouble.MAY_READ, target, role)
