"""What trying a source came to: that it answers, or one of a closed set of troubles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from .connection import Role, SourceTarget


class Trouble(StrEnum):
    HOST_UNKNOWN = "host unknown"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NOT_THIS_KIND = "not this kind"
    TLS_MISSING = "TLS missing"
    TLS_WANTED = "TLS wanted"
    CERTIFICATE = "certificate"
    NOT_ADMITTED = "not admitted"
    PASSWORD = "password"  # noqa: S105 - a trouble, not a password.
    DATABASE_UNKNOWN = "database unknown"
    NO_DATABASE = "no right to the database"
    TOO_MANY = "too many connections"
    NOT_READY = "not ready"
    TOO_OLD = "server too old"
    NOTHING_TO_READ = "no right to SELECT"
    NO_SCHEMA = "schema missing"
    NO_CREATE = "no right to create"
    NO_USAGE = "no right to execute"
    MAY_READ = "may read tables"
    MAY_WRITE = "may write tables"
    NOT_ALLOWED = "not allowed"
    GONE = "table gone"
    TAKEN = "name taken"
    TOO_SLOW = "too slow"
    LOCKED = "locked"
    LOST = "connection lost"
    OTHER = "other"


_OF_THE_WAY: Final = frozenset(
    {
        Trouble.HOST_UNKNOWN,
        Trouble.REFUSED,
        Trouble.UNREACHABLE,
        Trouble.NOT_THIS_KIND,
        Trouble.TLS_MISSING,
        Trouble.CERTIFICATE,
        Trouble.TOO_MANY,
        Trouble.NOT_READY,
    }
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`text` ends with what to do; `said` is what server or driver said, '' for our own look."""

    trouble: Trouble
    text: str
    role: Role | None = None
    said: str = ""

    @property
    def is_of_the_way(self) -> bool:
        """Whoever signs in would meet with it."""
        return self.trouble in _OF_THE_WAY


@dataclass(frozen=True, slots=True)
class SourceAnswers:
    """Both accounts work. `tls` is '' where all is in clear; `warnings` stop nothing."""

    server: str
    tls: str
    tables: int
    warnings: tuple[Diagnosis, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SourceUnfit:
    """Each of these has to be mended first; never empty."""

    diagnoses: tuple[Diagnosis, ...]


class SourceRefusal(Exception):
    """Raised out of a connection; those who own the seam catch it and answer with the diagnosis."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.text)
        self.diagnosis = diagnosis


def diagnose(
    trouble: Trouble, target: SourceTarget, role: Role | None = None, said: str = ""
) -> Diagnosis:
    facts = {
        "kind": target.dialect.words,
        "host": target.host,
        "port": target.port,
        "database": target.database,
        "schema": target.schema,
        "seconds": target.timeout_seconds,
        "role": role or "",
        "user": target.user(role) if role else "",
        "oldest": OLDEST_WORDS[target.dialect],
    }
    return Diagnosis(trouble, _TEXTS[trouble].format(**facts), role, _harmless(said))


def _harmless(said: str) -> str:
    """Fit for a terminal and a page: a server may say anything."""
    shown = "".join(each if each.isprintable() else " " for each in said[:MAX_SAID])
    return " ".join(shown.split())


MAX_SAID: Final = 400
OLDEST_WORDS: Final[Mapping[str, str]] = {
    "postgresql": "PostgreSQL 12", "mariadb": "MariaDB 10.6 or MySQL 8",
}  # fmt: skip
_SQL = "the source's page has the SQL for it (`postroad source accounts`)."

_TEXTS: Final[Mapping[Trouble, str]] = {
    Trouble.HOST_UNKNOWN: (
        "No host is known as {host}: look for a slip in the name, or write its address."
    ),
    Trouble.REFUSED: (
        "Nobody listens on {host}, port {port}: correct the port, or have the server listen to "
        "this machine."
    ),
    Trouble.UNREACHABLE: (
        "{host}, port {port} did not answer in time: have the firewall between let this machine "
        "through, or correct the host."
    ),
    Trouble.NOT_THIS_KIND: (
        "What answers on {host}, port {port} is no {kind}: correct the port or choose the other "
        "kind."
    ),
    Trouble.TLS_MISSING: (
        "The server offers no TLS: have it switched on there, or, in a network of your own, "
        "choose no TLS."
    ),
    Trouble.TLS_WANTED: "The server takes {user} with TLS only: choose TLS.",
    Trouble.CERTIFICATE: (
        "The server's certificate is not one that can be trusted for {host}: name the file of the "
        "authority that signed it, or write the host as the certificate does."
    ),
    Trouble.NOT_ADMITTED: (
        "The server does not let {user} in from here: have it admitted there (pg_hba.conf, or "
        "the host part of the MariaDB account)."
    ),
    Trouble.PASSWORD: (
        "The server refused {user} or its password: enter both again for the {role} account."
    ),
    Trouble.DATABASE_UNKNOWN: "There is no database {database} on this server: correct its name.",
    Trouble.NO_DATABASE: (
        "{user} may not enter database {database}, or there is none of that name: correct it, or "
        "have the {role} account let in; " + _SQL
    ),
    Trouble.TOO_MANY: (
        "The server has all its connections in use: try again, or have it allow more."
    ),
    Trouble.NOT_READY: "The server is starting, stopping or restoring: try again in a minute.",
    Trouble.TOO_OLD: "The server is older than {oldest}: use a newer one, or a copy on one.",
    Trouble.NOTHING_TO_READ: (
        "{user} may not SELECT from any table of {database}: grant it SELECT on those your "
        "audiences read; " + _SQL
    ),
    Trouble.NO_SCHEMA: (
        "There is no schema {schema} for the routines: have it made for {user}; " + _SQL
    ),
    Trouble.NO_CREATE: (
        "{user} may not create routines in schema {schema}: grant the {role} account that; " + _SQL
    ),
    Trouble.NO_USAGE: (
        "{user} may not execute routines in schema {schema}: grant the {role} account that; " + _SQL
    ),
    Trouble.MAY_READ: (
        "{user} may read tables, though executing routines is all it needs: revoke SELECT from it "
        "and from PUBLIC."
    ),
    Trouble.MAY_WRITE: (
        "{user} may change data, which the {role} account never needs: use one that can't."
    ),
    Trouble.NOT_ALLOWED: "{user} lacks a right that this needs: grant it; " + _SQL,
    Trouble.GONE: "A table or column is not there any more: refresh the source.",
    Trouble.TAKEN: (
        "A routine of that name is in schema {schema} already, and none is ever replaced: deploy a "
        "further version."
    ),
    Trouble.TOO_SLOW: (
        "The server stopped it after {seconds} s: ask for less, index the column, or raise the "
        "source's time-out."
    ),
    Trouble.LOCKED: "Somebody else has the table locked: try again when they are done.",
    Trouble.LOST: "The connection broke: try again.",
    Trouble.OTHER: "The server refused: mend what it says, and test again.",
}
