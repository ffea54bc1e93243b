"""What PyMySQL raised, as a trouble that a person can mend."""

import socket
import ssl
from typing import Final

import pymysql

from postroad.core.source.connection import Role, SourceTarget
from postroad.core.source.diagnosis import SourceRefusal, Trouble, diagnose

_CODES: Final = {
    1040: Trouble.TOO_MANY,
    1203: Trouble.TOO_MANY,
    1226: Trouble.TOO_MANY,
    1044: Trouble.NO_DATABASE,
    1045: Trouble.PASSWORD,
    1698: Trouble.PASSWORD,
    1049: Trouble.DATABASE_UNKNOWN,
    1053: Trouble.NOT_READY,
    1129: Trouble.NOT_ADMITTED,
    1130: Trouble.NOT_ADMITTED,
    3159: Trouble.TLS_WANTED,
    4031: Trouble.TLS_WANTED,
    2026: Trouble.TLS_MISSING,
    1142: Trouble.NOT_ALLOWED,
    1143: Trouble.NOT_ALLOWED,
    1227: Trouble.NOT_ALLOWED,
    1370: Trouble.NOT_ALLOWED,
    1792: Trouble.NOT_ALLOWED,
    1054: Trouble.GONE,
    1146: Trouble.GONE,
    1305: Trouble.GONE,
    1304: Trouble.TAKEN,
    1969: Trouble.TOO_SLOW,
    3024: Trouble.TOO_SLOW,
    1205: Trouble.LOCKED,
    2006: Trouble.LOST,
    2013: Trouble.LOST,
}


def opening_refusal(error: pymysql.MySQLError, target: SourceTarget, role: Role) -> SourceRefusal:
    """Of a session that did not come to be."""
    trouble = _opening_trouble(error)
    # The run account's first database is that of our routines.
    if role == Role.RUN and trouble in (Trouble.NO_DATABASE, Trouble.DATABASE_UNKNOWN):
        trouble = Trouble.NO_USAGE
    return SourceRefusal(diagnose(trouble, target, role, _said(error)))


def refusal_of(error: pymysql.MySQLError, target: SourceTarget, role: Role) -> SourceRefusal | None:
    """Of a statement. None for what is a mistake of ours and not the server's to refuse."""
    trouble = _CODES.get(_code(error))
    return None if trouble is None else SourceRefusal(diagnose(trouble, target, role, _said(error)))


def _opening_trouble(error: pymysql.MySQLError) -> Trouble:
    cause = getattr(error, "original_exception", None)
    match cause:
        case socket.gaierror():
            return Trouble.HOST_UNKNOWN
        case ConnectionRefusedError():
            return Trouble.REFUSED
        case ssl.SSLCertVerificationError():
            return Trouble.CERTIFICATE
        case ssl.SSLError():
            return Trouble.OTHER
        case OSError():
            return Trouble.UNREACHABLE
    # Who says nothing, or something else, when a greeting is due.
    if not isinstance(error, pymysql.OperationalError) or _code(error) in (2006, 2013):
        return Trouble.NOT_THIS_KIND
    return _CODES.get(_code(error), Trouble.OTHER)


def _code(error: pymysql.MySQLError) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _said(error: pymysql.MySQLError) -> str:
    return str(error.args[-1]) if error.args else ""
