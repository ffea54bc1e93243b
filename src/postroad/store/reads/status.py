"""What machines ask of us: metrics, and whether the schema is as this version wants it."""

import json

from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from postroad.core.metrics import Figures
from postroad.store.connection import DatabaseAway
from postroad.store.rows import row


def metrics() -> Figures:
    """One query of a few hundred rows at most, whatever waits."""
    return Figures(**json.loads(row("metrics")["told"]))


def missing() -> list[str]:
    """'database' when it does not answer, 'migrations' when the schema is older than this."""
    try:
        executor = MigrationExecutor(connection)
        is_behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseAway:
        return ["database"]
    return ["migrations"] if is_behind else []
