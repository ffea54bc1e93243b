"""Putting a compiled routine where its people live.

Every source deploys through here. A routine is created, never replaced: an
existing one of its name is an error, so that a pinned version cannot change.
"""

from typing import Protocol

from postroad.core.audience import Routine

from .literals import text_literal


class Cursor(Protocol):
    """What psycopg's and Django's cursors have in common."""

    def execute(self, sql: str, /) -> object: ...


def deploy_routine(cursor: Cursor, routine: Routine) -> None:
    """Creates the routine, with its words as comment, in the cursor's transaction.

    The driver raises when a routine of that name exists.
    """
    cursor.execute(routine.sql)
    cursor.execute(f"COMMENT ON FUNCTION {routine.name}() IS {text_literal(routine.words)}")
