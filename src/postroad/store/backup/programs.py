"""PostgreSQL's own pg_dump, pg_restore and psql: those of the embedded server, or newer ones."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from postroad.store.embedded import EmbeddedFault
from postroad.store.embedded.binaries import Binaries, binaries_of_major, wheel_in_place

_UNDER_WAY = re.compile(
    r"(?:dumping contents of|processing data for) table \"(?:public\.)?([^\"]+)\""
)

Tell = Callable[[str, int], None]
"""Told which table is under way, and the octets done so far."""


class BackupFault(Exception):
    """A backup or restore cannot be done. The text is for people and says what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Programs that suit the server of `dsn`, and how they are told of it.

    The password stands in their environment: every account may read the words of
    a process.
    """

    binaries: Binaries
    dsn: str
    environment: Mapping[str, str]
    server: int
    """The server's major version."""

    def command(self, name: str, *words: str) -> list[str]:
        return [self.binaries.program(name), *words]


def programs_for(dsn: str, shelf: Path) -> Programs:
    """pg_dump reads servers as old as you like and refuses one that is newer than itself."""
    parts = conninfo_to_dict(dsn)
    secret = str(parts.pop("password", None) or "")
    server = _server_major(dsn)
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    if secret:
        environment["PGPASSWORD"] = secret
    return Programs(_binaries(server, shelf), make_conninfo("", **parts), environment, server)


def _server_major(dsn: str) -> int:
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        return connection.info.server_version // 10_000


def _binaries(server: int, shelf: Path) -> Binaries:
    try:
        own = wheel_in_place()
    except EmbeddedFault as fault:
        raise BackupFault(str(fault)) from fault
    if own.major >= server:
        return own
    newer = binaries_of_major(server, shelf)
    if newer is None:
        raise BackupFault(
            f"The database is PostgreSQL {server}; the pg_dump that comes with Postroad is of "
            f"{own.major} and refuses it. Install the programs of PostgreSQL {server} (Debian: "
            f"postgresql-client-{server}) and try again."
        )
    return newer


def table_named(line: str) -> str | None:
    """The table that a line of `--verbose` says is under way."""
    found = _UNDER_WAY.search(line)
    return found.group(1) if found else None


def why(said: str) -> str:
    """The line of what a program said that tells the most."""
    lines = [line for line in said.splitlines() if re.search(r"error|ERROR|FATAL|No space", line)]
    last = (lines or said.strip().splitlines() or ["it said nothing"])[0]
    return re.sub(r"^(pg_dump|pg_restore|psql)(:<stdin>:\d+)?: (error: )?", "", last).strip()
