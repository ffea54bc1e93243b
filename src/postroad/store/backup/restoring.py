"""`postroad restore`: a backup in place of what is there, in one transaction."""

import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psycopg

from postroad.store.backup.programs import (
    BackupFault,
    Programs,
    Tell,
    programs_for,
    table_named,
    why,
)
from postroad.store.backup.reading import Contents, look_into
from postroad.store.queries import query

_NEWER_SETTINGS = {b"SET transaction_timeout = 0;\n": 17}
"""What a server older than that does not know."""


@dataclass(frozen=True, slots=True)
class Restored:
    """`made_at` is the backup's; `held` counts the live runs that wait for a person now."""

    made_at: str
    tables: int
    held: int


def restore(dsn: str, file: Path, shelf: Path, tell: Tell, *, replaces: bool) -> Restored:
    """Afterwards nothing is sent by itself. Whatever fails, the database stays as it was.

    Raises BackupFault where the file is not right, where others use the database,
    and where there is something in it and `replaces` is not said.
    """
    if not file.is_file():
        raise BackupFault(f"There is no file {file}: name one that `postroad backup` made.")
    programs = programs_for(dsn, shelf)
    contents = look_into(programs, file)
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        _require_alone(connection)
        if not replaces:
            _require_empty(connection)
    held = _Transaction(programs, file, tell).run(contents)
    return Restored(contents.made_at, contents.tables, held)


def _require_alone(connection: psycopg.Connection) -> None:
    others = connection.execute(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    if others and others[0]:
        raise BackupFault(
            f"{others[0]} others are connected to this database. Stop what uses it "
            "(`postroad down`, and workers on other hosts), then restore."
        )


def _require_empty(connection: psycopg.Connection) -> None:
    found = connection.execute(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')"
        " AND relnamespace = 'public'::regnamespace"
    ).fetchone()
    if found and found[0]:
        raise BackupFault(
            f"This database is not empty: it has {found[0]} tables. Nothing was touched. "
            "Say --replace to put the backup in their place; what they hold is gone then."
        )


class _Transaction:
    """psql, fed with: drop what is there, what pg_restore writes, and the new beginning.

    COMMIT is written only once pg_restore has ended well: where either is killed,
    the server rolls back.
    """

    def __init__(self, programs: Programs, file: Path, tell: Tell) -> None:
        self._programs = programs
        self._file = file
        self._tell = tell
        self._octets = 0

    def run(self, contents: Contents) -> int:
        """The number of runs that were held."""
        words = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--file=-")
        command = self._programs.command(
            "psql", *words, "--set=ON_ERROR_STOP=1", f"--dbname={self._programs.dsn}"
        )
        environment = self._programs.environment
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment
            ) as psql:
                assert psql.stdin is not None  # noqa: S101 - asked for above.
                trouble = self._feed(psql.stdin, contents)
            out.seek(0)
            err.seek(0)
            if psql.returncode != 0 or trouble:
                cause = trouble or why(err.read().decode("utf-8", "replace"))
                raise BackupFault(
                    f"Nothing was restored: {cause}. The database is as it was; mend that and "
                    "try again."
                )
            return int(out.read().split()[-1])

    def _feed(self, psql: IO[bytes], contents: Contents) -> str:
        """Why pg_restore failed; '' also where psql has ended before, which says why itself."""
        try:
            psql.write(b"BEGIN;\n" + query("drop_everything").encode() + b"\n")
            if trouble := self._pour(psql):
                return trouble
            psql.write(b"\nSET search_path = public;\n")
            psql.write(f"SELECT begin_after_restore('{contents.made_at}');\nCOMMIT;\n".encode())
            psql.close()
        except BrokenPipeError:
            pass
        return ""

    def _pour(self, psql: IO[bytes]) -> str:
        words = ("--no-owner", "--no-privileges", "--verbose", "--file=-", str(self._file))
        with subprocess.Popen(
            self._programs.command("pg_restore", *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._programs.environment,
        ) as process:
            assert process.stdout is not None  # noqa: S101 - asked for above.
            assert process.stderr is not None  # noqa: S101
            said: list[str] = []
            listener = threading.Thread(target=self._listen, args=(process.stderr, said))
            listener.start()
            try:
                self._copy(process.stdout, psql)
            finally:
                process.stdout.close()
                listener.join()
        return why("".join(said[-50:])) if process.returncode != 0 else ""

    def _copy(self, script: IO[bytes], psql: IO[bytes]) -> None:
        for line in script:
            if self._programs.server >= _NEWER_SETTINGS.get(line, 0):
                psql.write(line)
                self._octets += len(line)

    def _listen(self, stderr: IO[bytes], said: list[str]) -> None:
        for octets in stderr:
            line = octets.decode("utf-8", "replace")
            said.append(line)
            if table := table_named(line):
                self._tell(table, self._octets)
