"""`postroad backup`: one snapshot of the whole database in one file."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from postroad.store.backup.programs import (
    BackupFault,
    Programs,
    Tell,
    programs_for,
    table_named,
    why,
)

_LEFT_OUT = ("django_session", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog")
"""Their rows: whoever reads the file must not be able to take over a session."""


@dataclass(frozen=True, slots=True)
class Dumped:
    file: Path
    octets: int
    tables: int


def dump(dsn: str, file: Path, shelf: Path, tell: Tell) -> Dumped:
    """The file appears whole or not at all, mode 0600; one that is there is replaced.

    Runs go on meanwhile: pg_dump reads one snapshot and blocks nobody.
    """
    if file.exists() and not file.is_file():
        raise BackupFault(f"{file} is no file: name one to write to.")
    programs = programs_for(dsn, shelf)
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        tables = _run(programs, part, tell)
        _make_durable(part)
        part.replace(file)
        return Dumped(file, file.stat().st_size, tables)
    except OSError as error:
        raise BackupFault(
            f"{file} cannot be written: {error.strerror or error}. "
            "Free some space or choose another place."
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _run(programs: Programs, part: Path, tell: Tell) -> int:
    words = ["--format=custom", "--no-owner", "--no-privileges", "--verbose", f"--file={part}"]
    words += [f"--exclude-table-data=public.{table}" for table in _LEFT_OUT]
    command = programs.command("pg_dump", *words, f"--dbname={programs.dsn}")
    tables, said = 0, ""
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=programs.environment,
        text=True,
        errors="replace",
    ) as process:
        assert process.stderr is not None  # noqa: S101 - asked for above.
        for line in process.stderr:
            said = (said + line)[-20_000:]
            if table := table_named(line):
                tables += 1
                tell(table, part.stat().st_size)
    if process.returncode != 0:
        raise BackupFault(f"The backup was not made: {why(said)}. Mend that and try again.")
    return tables


def _make_durable(part: Path) -> None:
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
