"""What a backup says of itself, before anything is touched."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from postroad.store.backup.programs import BackupFault, Programs, why
from postroad.store.fleet import known_migrations


@dataclass(frozen=True, slots=True)
class Contents:
    made_at: str
    """As pg_restore says it, UTC."""
    tables: int


def look_into(programs: Programs, file: Path) -> Contents:
    """Raises BackupFault for a file that is no backup of Postroad, or of one newer than this."""
    listed = _asked(programs, file, "--list")
    made = re.search(r"Archive created at (.+)", listed)
    server = re.search(r"Dumped from database version: (\d+)", listed)
    if made is None or server is None or "django_migrations" not in listed:
        raise BackupFault(f"{file} is no backup of Postroad: name a file that it made.")
    if int(server.group(1)) > programs.server:
        raise BackupFault(
            f"{file} was made from PostgreSQL {server.group(1)}; this database is PostgreSQL "
            f"{programs.server}. Restore it into one that is as new."
        )
    _require_known_schema(programs, file)
    return Contents(made.group(1).strip(), len(re.findall(r" TABLE DATA ", listed)))


def _require_known_schema(programs: Programs, file: Path) -> None:
    words = ("--data-only", "--table=django_migrations", "--file=-")
    rows = _asked(programs, file, *words)
    applied = set(re.findall(r"^\d+\tpostroad\t(\w+)\t", rows, re.MULTILINE))
    if not applied:
        raise BackupFault(f"{file} is no backup of Postroad: name a file that it made.")
    if later := sorted(applied - known_migrations()):
        raise BackupFault(
            f"{file} was made by a later Postroad ({', '.join(later)}). "
            "Bring this one up to that version, then restore."
        )


def _asked(programs: Programs, file: Path, *words: str) -> str:
    done = subprocess.run(
        programs.command("pg_restore", *words, str(file)),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=programs.environment,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupFault(
            f"{file} cannot be read as a backup: {why(done.stderr)}. "
            "Name a file that `postroad backup` made, whole."
        )
    return done.stdout
