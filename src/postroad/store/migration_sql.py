"""SQL files inside migrations.

The engine's files are read as package data: the store installs the protocol
without importing the engine.
"""

from importlib.resources import files
from typing import Final

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

ENGINE_SQL: Final = files("postroad").joinpath("engine", "sql")


class RunSQLFiles(Operation):
    """Run SQL files of the engine, by their names below engine/sql, in order."""

    reduces_to_sql = True
    reversible = False

    def __init__(self, *names: str) -> None:
        self.names = names

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The files make no managed model."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature.
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,  # noqa: ARG002 - Django's signature.
        to_state: ProjectState,  # noqa: ARG002 - Django's signature.
    ) -> None:
        with schema_editor.connection.cursor() as cursor:
            for name in self.names:
                cursor.execute(ENGINE_SQL.joinpath(name).read_text(encoding="utf-8"))

    def describe(self) -> str:
        return f"Install {len(self.names)} SQL files of the engine"
