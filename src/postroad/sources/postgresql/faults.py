"""What psycopg raised, as a trouble that a person can mend."""

import re
from typing import Final

import psycopg

from postroad.core.source.connection import Role, SourceTarget
from postroad.core.source.diagnosis import SourceRefusal, Trouble, diagnose

# The server gives no code to libpq before a session stands, only its words. libpq's own are
# English always; a server that speaks another language is quoted.
_WORDS: Final = tuple(
    (re.compile(pattern), trouble)
    for pattern, trouble in (
        (r"failed to resolve host|could not translate host name", Trouble.HOST_UNKNOWN),
        (r"server does not support SSL", Trouble.TLS_MISSING),
        (r"certificate verify failed|server certificate for", Trouble.CERTIFICATE),
        (r"root certificate file|SSL error", Trouble.CERTIFICATE),
        (r"no encryption|SSL off", Trouble.TLS_WANTED),
        (r"no pg_hba\.conf entry|pg_hba\.conf rejects", Trouble.NOT_ADMITTED),
        (r"password authentication failed|no password supplied", Trouble.PASSWORD),
        (r"role \".*\" (does not exist|is not permitted to log in)", Trouble.PASSWORD),
        (r"authentication failed for user", Trouble.PASSWORD),
        (r"permission denied for database", Trouble.NO_DATABASE),
        (r"database \".*\" does not exist", Trouble.DATABASE_UNKNOWN),
        (r"too many (clients|connections)|connection slots are reserved", Trouble.TOO_MANY),
        (r"the database system is|not yet accepting", Trouble.NOT_READY),
        (r"invalid response to SSL|expected authentication request", Trouble.NOT_THIS_KIND),
        (r"Connection refused", Trouble.REFUSED),
        (r"timeout expired|timed out", Trouble.UNREACHABLE),
        (r"No route to host|Network is unreachable", Trouble.UNREACHABLE),
        (r"server closed the connection unexpectedly", Trouble.NOT_THIS_KIND),
    )
)

_CODES: Final = {
    "57014": Trouble.TOO_SLOW,
    "55P03": Trouble.LOCKED,
    "42501": Trouble.NOT_ALLOWED,
    "25006": Trouble.NOT_ALLOWED,
    "42P01": Trouble.GONE,
    "42703": Trouble.GONE,
    "42883": Trouble.GONE,
    "42723": Trouble.TAKEN,
    "3F000": Trouble.NO_SCHEMA,
    "53300": Trouble.TOO_MANY,
}
_LOST = ("08", "57P")


def refusal_of(error: psycopg.Error, target: SourceTarget, role: Role) -> SourceRefusal | None:
    """None for what is a mistake of ours and not the server's to refuse."""
    said = _said(error)
    trouble = _by_code(error.sqlstate) if error.sqlstate else _by_words(error, str(error))
    return None if trouble is None else SourceRefusal(diagnose(trouble, target, role, said))


def _by_code(code: str) -> Trouble | None:
    if code.startswith(_LOST):
        return Trouble.LOST
    return _CODES.get(code)


def _by_words(error: psycopg.Error, text: str) -> Trouble | None:
    if isinstance(error, psycopg.errors.ConnectionTimeout):
        return Trouble.UNREACHABLE
    for pattern, trouble in _WORDS:
        if pattern.search(text):
            return trouble
    return Trouble.OTHER if isinstance(error, psycopg.OperationalError) else None


def _said(error: psycopg.Error) -> str:
    """The last thing said: of a host with several addresses, of the last one tried."""
    if error.diag.message_primary:
        return error.diag.message_primary
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = [line for line in lines if "failed" in line or "FATAL" in line] or lines
    return said[-1].rpartition("failed: ")[2] if said else ""
