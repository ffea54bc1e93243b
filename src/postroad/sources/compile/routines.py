"""The routine that one version of an audience is, as the statements that create it.

It is created and never replaced. Nothing in it is text that would be executed: its values are
constants, its names are fixed when it is created (BEGIN ATOMIC) or by its own search_path.
"""

from dataclasses import dataclass

from postroad.core.criteria.tree import Criteria

from . import mariadb, postgresql
from .statements import select_people
from .where import Server, Site

SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
"""Under which a routine of MariaDB is created, and therefore runs, whatever the session's."""
ATOMIC_FROM = 140000
"""`server_version_num` of the first PostgreSQL that takes BEGIN ATOMIC."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What creates one routine: its statements in order, and the one that shows what it does."""

    schema: str
    name: str
    statements: tuple[str, ...]
    sql: str
    words: str


def deployment(
    criteria: Criteria, site: Site, name: str, words: str, *, is_atomic: bool = True
) -> Deployment:
    """`is_atomic` False: PostgreSQL 12 and 13, which know a function's body as a string only."""
    if site.now is not None:
        raise ValueError("a routine reads the clock of its database")
    if site.server is Server.MARIADB:
        return _procedure(criteria, site, name, words)
    return _function(criteria, site, name, words, is_atomic=is_atomic)


# PostgreSQL.


def _function(
    criteria: Criteria, site: Site, name: str, words: str, *, is_atomic: bool
) -> Deployment:
    people = select_people(criteria, site)
    whole = f"{postgresql.name(site.routines)}.{postgresql.name(name)}"
    head = _FUNCTION.format(name=whole)
    if is_atomic:
        sql = f"{head}BEGIN ATOMIC\n    {people.sql(depth=1)};\nEND"
    else:
        sql = f"{head}AS {postgresql.body_constant(people.sql())}"
    comment = f"COMMENT ON FUNCTION {whole}() IS {postgresql.text_constant(words)}"
    closed = f"REVOKE ALL ON FUNCTION {whole}() FROM PUBLIC"
    return Deployment(site.routines, name, (sql, comment, closed), sql, words)


_FUNCTION = """\
CREATE FUNCTION {name}()
RETURNS TABLE (
    contact_key text,
    address text,
    name text,
    first_name text,
    last_name text,
    zone text,
    consent boolean,
    data jsonb
)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
"""


# MariaDB.


def _procedure(criteria: Criteria, site: Site, name: str, words: str) -> Deployment:
    people = select_people(criteria, site)
    whole = f"{mariadb.name(site.routines)}.{mariadb.name(name)}"
    comment = mariadb.comment_constant(words)
    sql = _PROCEDURE.format(name=whole, comment=comment, body=people.sql(depth=2))
    statements = (
        "SET @before = @@SESSION.sql_mode",
        f"SET SESSION sql_mode = '{SQL_MODE}'",
        sql,
        "SET SESSION sql_mode = @before",
    )
    return Deployment(site.routines, name, statements, sql, words)


_PROCEDURE = """\
CREATE PROCEDURE {name}()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT {comment}
BEGIN
    SET STATEMENT time_zone = '+00:00' FOR
        {body};
END"""
