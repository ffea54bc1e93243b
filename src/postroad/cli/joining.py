"""What a process of a fleet does before it works: it waits for the database and its schema.

A host may be up before the database is, and before somebody has migrated it.
Whoever starts it again and again meanwhile would only fill a log.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import structlog

from postroad.cli.starting import Refusal
from postroad.core.protocol_version import SPOKEN, Fit, fit_of
from postroad.settings import Settings
from postroad.store.fleet import missing_migrations, require_key_of, resting_slots, spoken_versions
from postroad.store.secrets import BadKey, key_of

_log = structlog.get_logger()
LOOK_SECONDS = 2.0
_TOLD_EVERY = 15
"""Looks between two lines in the log."""


class ToldToStop(Exception):
    """By a signal, while it waited."""


def join_as_worker(settings: Settings, dsn: str) -> None:
    """Returns once the schema serves this version, the key is the database's and our slot is free.

    Raises Refusal where waiting helps nothing, ToldToStop after a signal.
    """
    with _stopping() as stopping:
        _wait_until(lambda: _fits(dsn) and _has_key(settings, dsn), stopping)
        if settings.slot:
            resting = f"{settings.slot} rests: `Let it work again` on the workers page ends that"
            _wait_until(lambda: settings.slot not in resting_slots(dsn), stopping, resting)


def join_as_web(settings: Settings, dsn: str) -> None:
    """As above; the console wants every migration of its own version."""
    with _stopping() as stopping:
        _wait_until(lambda: not missing_migrations(dsn) and _has_key(settings, dsn), stopping)


def require_key(settings: Settings, dsn: str) -> None:
    try:
        require_key_of(dsn, key_of(settings))
    except BadKey as fault:
        raise Refusal(str(fault)) from None


def _has_key(settings: Settings, dsn: str) -> bool:
    """The first of a fleet writes here, so a full disk is waited for as well."""
    require_key(settings, dsn)
    return True


def _fits(dsn: str) -> bool:
    served = spoken_versions(dsn)
    match fit_of(served):
        case Fit.FITS:
            return True
        case Fit.WAITS:
            return False
        case Fit.TOO_OLD:
            raise Refusal(
                f"The database serves version {served[0] if served else 0} of the sending "
                f"protocol and later; this program speaks {SPOKEN}. Upgrade Postroad on this host."
            )


_OLD_SCHEMA = "the schema is older than this program: run `postroad migrate`"


def _wait_until(
    is_ready: Callable[[], bool], stopping: threading.Event, unready: str = _OLD_SCHEMA
) -> None:
    looks = 0
    while True:
        try:
            if is_ready():
                return
            cause = unready
        except psycopg.OperationalError as error:
            cause = f"the database does not answer: {str(error).strip()}"
        if looks % _TOLD_EVERY == 0:
            _log.warning("waiting", cause=cause)
        looks += 1
        if stopping.wait(LOOK_SECONDS):
            raise ToldToStop


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    event = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: event.set())
        for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
