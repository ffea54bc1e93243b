"""The SQL with which a DBA makes both accounts on a PostgreSQL."""

from collections.abc import Iterable

from postroad.core.source.connection import SourceTarget


def accounts_sql(target: SourceTarget, schemas: Iterable[str]) -> str:
    """For psql in the source's database; `schemas` are those whose tables audiences read."""
    facts = {
        "database": quoted(target.database),
        "schema": quoted(target.schema),
        "deploy": quoted(target.deploy_user),
        "run": quoted(target.run_user),
        "seconds": target.timeout_seconds,
    }
    reads = "\n".join(_READS.format(**facts, read=quoted(name)) for name in sorted(set(schemas)))
    return _ACCOUNTS.format(**facts) + "\n" + reads


def quoted(name: str) -> str:
    """An identifier as it is, whatever is in it. ValueError for NUL, which none can hold."""
    if "\0" in name:
        raise ValueError("a name with NUL cannot be an identifier")
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


_ACCOUNTS = """\
-- As a superuser, or as the owner of the database and its tables, in database {database}.
-- Put passwords of your own in place of the two in angle brackets.
CREATE ROLE {deploy} LOGIN PASSWORD '<deploy password>';
CREATE ROLE {run} LOGIN PASSWORD '<run password>';
GRANT CONNECT ON DATABASE {database} TO {deploy}, {run};

-- A schema for the routines: {deploy} creates them, {run} may execute them, nobody else.
CREATE SCHEMA {schema};
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA {schema} TO {deploy};
GRANT USAGE ON SCHEMA {schema} TO {run};

-- {run} only ever executes, and not for long.
ALTER ROLE {run} SET default_transaction_read_only = on;
ALTER ROLE {run} SET statement_timeout = '{seconds}s';
"""

_READS = """\
-- What audiences may read; name single tables instead where all of them is too much.
GRANT USAGE ON SCHEMA {read} TO {deploy};
GRANT SELECT ON ALL TABLES IN SCHEMA {read} TO {deploy};
ALTER DEFAULT PRIVILEGES IN SCHEMA {read} GRANT SELECT ON TABLES TO {deploy};
"""
