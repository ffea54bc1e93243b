"""How a source is reached: its server, and the two accounts we have there."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from postroad.core.contact import text_fault
from postroad.core.relay import is_host


class Dialect(StrEnum):
    POSTGRESQL = "postgresql"
    MARIADB = "mariadb"
    """MySQL speaks it too."""

    @property
    def words(self) -> str:
        return {"postgresql": "PostgreSQL", "mariadb": "MariaDB"}[self]

    @property
    def port(self) -> int:
        """The one that its servers listen on where nobody chose another."""
        return {"postgresql": 5432, "mariadb": 3306}[self]


class Tls(StrEnum):
    NONE = "none"
    ENCRYPTED = "encrypted"
    """Nobody reads along, and who answers is not checked."""
    VERIFIED = "verified"
    """The certificate is checked too, and that it is this host's."""


class Role(StrEnum):
    DEPLOY = "deploy"
    """Creates routines in the schema of ours and may SELECT what they read."""
    RUN = "run"
    """May execute those routines, and nothing else."""


SCHEMA: Final = "postroad"
MAX_TIMEOUT_SECONDS: Final = 3600
_PLAIN = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True, slots=True)
class SourceFields:
    """A password None keeps the one that is stored; '' takes it away."""

    name: str
    dialect: Dialect
    host: str
    port: int
    database: str
    deploy_user: str
    run_user: str
    deploy_password: str | None = field(default=None, repr=False)
    run_password: str | None = field(default=None, repr=False)
    tls: Tls = Tls.VERIFIED
    ca_file: str = ""
    schema: str = SCHEMA
    """Where routines go; in MariaDB a database of its own."""
    timeout_seconds: int = 30
    """After which the server gives up a statement of ours."""


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """Everything a connection needs, passwords in clear: never for a page."""

    dialect: Dialect
    host: str
    port: int
    database: str
    deploy_user: str
    run_user: str
    deploy_password: str = field(default="", repr=False)
    run_password: str = field(default="", repr=False)
    tls: Tls = Tls.VERIFIED
    ca_file: str = ""
    schema: str = SCHEMA
    timeout_seconds: int = 30

    @property
    def usual_schema(self) -> str:
        """Where tables are unless somebody put them elsewhere."""
        return "public" if self.dialect == Dialect.POSTGRESQL else self.database

    def user(self, role: Role) -> str:
        return self.deploy_user if role == Role.DEPLOY else self.run_user

    def password(self, role: Role) -> str:
        return self.deploy_password if role == Role.DEPLOY else self.run_password


def source_faults(fields: SourceFields) -> dict[str, str]:
    """Field → what is wrong, ending with what to do."""
    return dict(_faults(fields))


def _faults(fields: SourceFields) -> Iterator[tuple[str, str]]:
    if not is_host(fields.host):
        yield "host", "This is no host name: write it like db.example.org, or an address."
    if not 0 < fields.port < 65536:
        yield "port", f"A port is a number from 1 to 65535: most listen on {fields.dialect.port}."
    if not _PLAIN.fullmatch(fields.schema):
        text = "Small Latin letters, digits and _ only, a letter first: postroad suits most."
        yield "schema", text
    elif fields.dialect == Dialect.MARIADB and fields.schema == fields.database:
        yield "schema", "Routines need a database of their own: name another one than the tables'."
    if fields.ca_file and fields.tls != Tls.VERIFIED:
        yield "ca_file", "An authority is of use only where certificates are checked: check them."
    if not 1 <= fields.timeout_seconds <= MAX_TIMEOUT_SECONDS:
        yield "timeout_seconds", "Between 1 s and an hour is possible: 30 s suit most."
    yield from _text_faults(fields)
    yield from _account_faults(fields)


_NEEDED: Final = (
    ("name", "The source has no name: give it one."),
    ("database", "No database is named: write the one the people are in."),
    ("deploy_user", "No deploy user is named: write the account that may create routines."),
    ("run_user", "No run user is named: write the account that may execute them only."),
)


def _text_faults(fields: SourceFields) -> Iterator[tuple[str, str]]:
    for name, missing in _NEEDED:
        text = getattr(fields, name)
        fault = text_fault(text)
        if not text.strip():
            yield name, missing
        elif fault:
            yield name, f"This {fault}"
    for name in ("deploy_password", "run_password", "ca_file"):
        fault = text_fault(getattr(fields, name) or "")
        if fault:
            yield name, f"This {fault}"


def _account_faults(fields: SourceFields) -> Iterator[tuple[str, str]]:
    if fields.deploy_user and fields.deploy_user == fields.run_user:
        text = "Runs need an account that can execute only: name another one than for deploying."
        yield "run_user", text
