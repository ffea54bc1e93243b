"""The SQL with which a DBA makes both accounts on a MariaDB."""

from collections.abc import Iterable

from postroad.core.source.connection import SourceTarget, Tls


def accounts_sql(target: SourceTarget, schemas: Iterable[str]) -> str:
    """For the mariadb client; `schemas` are the databases whose tables audiences read."""
    facts = {
        "schema": quoted(target.schema),
        "granted": granted(target.schema),
        "deploy": f"{quoted(target.deploy_user)}@`%`",
        "run": f"{quoted(target.run_user)}@`%`",
        "tls": "" if target.tls == Tls.NONE else " REQUIRE SSL",
    }
    reads = "".join(_READS.format(**facts, read=granted(name)) for name in sorted(set(schemas)))
    return _ACCOUNTS.format(**facts) + reads


def quoted(name: str) -> str:
    """An identifier as it is, whatever is in it. ValueError for NUL, which none can hold."""
    if "\0" in name:
        raise ValueError("a name with NUL cannot be an identifier")
    doubled = name.replace("`", "``")
    return f"`{doubled}`"


def granted(database: str) -> str:
    """A database in a GRANT, where _ and % stand for others unless they are escaped."""
    return quoted(database.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%"))


_ACCOUNTS = """\
-- As an administrator of the server. Put passwords of your own in place of the two in angle
-- brackets, and in place of % the host Postroad runs on, if it has a fixed one.
CREATE USER {deploy} IDENTIFIED BY '<deploy password>'{tls};
CREATE USER {run} IDENTIFIED BY '<run password>'{tls};

-- A database for the routines: the one account creates them, the other may execute them.
CREATE DATABASE {schema} CHARACTER SET utf8mb4;
GRANT CREATE ROUTINE, ALTER ROUTINE, EXECUTE ON {granted}.* TO {deploy};
GRANT EXECUTE ON {granted}.* TO {run};

-- What audiences may read; name single tables instead where all of them is too much.
"""

_READS = """\
GRANT SELECT ON {read}.* TO {deploy};
"""
