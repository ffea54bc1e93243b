"""What every command that touches data does first: a database, its schema, our keys."""

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import typer
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr, ValidationError

from postroad.cli.supervise_state import is_up, make_run_directory, read_state
from postroad.dsn import pinned
from postroad.settings import Settings
from postroad.store.embedded import EmbeddedFault, EmbeddedServer
from postroad.store.fleet import adopt_key, missing_migrations, require_key_of
from postroad.store.secrets import BadKey, key_of

if TYPE_CHECKING:
    from postroad.app import App

BROKERS = ("amqp", "amqps")
CELERY_BROKERS = ("celery+amqp", "celery+amqps", "celery+redis", "celery+rediss")
"""Schemes of a broker that references can be carried by, and of one that Celery carries them by."""
ATTENTION = 3
"""Exit code: done, but something waits for a person."""


class Refusal(Exception):
    """A command cannot be done; its text is for people and says what to do."""


def read_settings() -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise Refusal("A setting cannot be used. Correct it: " + "; ".join(lines)) from None
    if not _is_broker(settings.broker_url.get_secret_value()):
        # Not repeated: a password is in it.
        raise Refusal(
            f"BROKER_URL names no broker that can ring. Let it begin with {_either(BROKERS)}, for"
            f" Celery with {_either(CELERY_BROKERS)}, or leave it out: the database rings."
        )
    if not _is_dsn(settings.database_url):
        # Not repeated, and neither is what libpq says of it: a password is in it.
        raise Refusal(
            "DATABASE_URL is not understood: write postgresql://user:password@host:5432/name, "
            "each part percent-encoded, or leave it empty for the embedded database."
        )
    return settings


def _is_broker(url: str) -> bool:
    """Whether there is a doorbell for it; '' is the database."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return not url or (is_whole and parts.scheme in BROKERS + CELERY_BROKERS)


def _either(schemes: tuple[str, ...]) -> str:
    *others, last = [f"{scheme}://" for scheme in schemes]
    return f"{', '.join(others)} or {last}"


def _is_dsn(text: str) -> bool:
    """Whether libpq can read it; '' is the embedded server."""
    try:
        parts = conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        return False
    ports = str(parts.get("port", "")).split(",")
    return all(port.isascii() and port.isdecimal() for port in ports if port)


@contextmanager
def using_database(settings: Settings) -> Iterator[str]:
    """The DSN of a database that answers: the named one, or the embedded server, started.

    Whoever uses the embedded server shares a lock, and the last one out stops
    it: nothing of Postroad runs on when nobody uses it.
    """
    if settings.database_url:
        _try_to_connect(settings.database_url)
        yield pinned(settings.database_url)
        return
    server = EmbeddedServer(settings.home)
    prepare_home(settings)
    users = os.open(settings.run_dir / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield pinned(_start(server))
    finally:
        try:
            # Refused while anybody else shares it: then that one stops the server.
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            server.stop()
        except (BlockingIOError, EmbeddedFault):
            pass
        os.close(users)


def prepare_home(settings: Settings) -> None:
    """The home with its own directories; refused where they cannot be made."""
    try:
        make_run_directory(settings.home)
    except OSError as error:
        raise Refusal(
            f"{settings.home} cannot be used: {error.strerror or error}. Free some space or "
            "correct its permissions, or set POSTROAD_HOME to another place."
        ) from None


def _start(server: EmbeddedServer) -> str:
    try:
        return server.start()
    except EmbeddedFault as fault:
        raise Refusal(str(fault)) from None


def find_database(settings: Settings) -> str:
    """For processes that are part of what runs already: attach, start nothing."""
    if settings.database_url:
        return pinned(settings.database_url)
    try:
        dsn = EmbeddedServer(settings.home).attach()
    except EmbeddedFault as fault:
        raise Refusal(str(fault)) from None
    if dsn is None:
        raise Refusal("The embedded database is not running. Start it with `postroad up`.")
    return pinned(dsn)


def open_app(settings: Settings, dsn: str) -> "App":
    """Bring the schema up to date and build the app. Slow imports happen here only.

    While `up` runs the schema is as it should be: that is not looked at again.
    """
    from postroad.web.django_settings import configure

    try:
        configure(settings, dsn)
    except BadKey as fault:
        raise Refusal(str(fault)) from None
    if not is_up(settings.home) or read_state(settings.home) is None:
        migrate(dsn)
        _mark_key(settings, dsn)
    return look_in(settings, dsn)


def _mark_key(settings: Settings, dsn: str) -> None:
    """Of a database of our own the key in the home is the key, lost and made anew as it may be."""
    if not settings.database_url:
        adopt_key(dsn, key_of(settings))
        return
    try:
        require_key_of(dsn, key_of(settings))
    except BadKey as fault:
        raise Refusal(str(fault)) from None


def look_in(settings: Settings, dsn: str) -> "App":
    """The app, whatever the schema is; nothing is changed."""
    from postroad.web.django_settings import configure

    configure(settings, dsn)
    from postroad.app import build_app

    return build_app(settings, dsn)


@contextmanager
def opened(settings: Settings) -> Iterator["App"]:
    """The app for one command; the database is started for it where none runs."""
    with using_database(settings) as dsn, telling_when_away():
        app = open_app(settings, dsn)
        try:
            yield app
        finally:
            app.close()


@contextmanager
def telling_when_away() -> Iterator[None]:
    """A database that goes away in the middle is told in a line."""
    from postroad.store.connection import DatabaseAway

    try:
        yield
    except (*DatabaseAway, psycopg.OperationalError) as error:
        raise Refusal(_why_away(error)) from None


def _why_away(error: Exception) -> str:
    """Django wraps psycopg's errors; the cause knows whether the disk is full."""
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
    if isinstance(error.__cause__ or error, psycopg.errors.DiskFull):
        return (
            f"The disk of the database is full ({reason}). Nothing that was acknowledged is "
            "lost. Free some space and try again; what runs goes on by itself."
        )
    return (
        f"The database went away ({reason}). Nothing that was acknowledged is lost: "
        "`postroad doctor` says what is wrong; then try again."
    )


def migrate(dsn: str) -> bool:
    """Whether there was something to do. Under a lock: of two at once one does it.

    Roles that may not change the schema can use one that is up to date.
    """
    from django.core.management import call_command

    if not missing_migrations(dsn) and is_migrated():
        return False
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('postroad migrate'))")
        call_command("migrate", verbosity=0, interactive=False)
    return True


def is_migrated() -> bool:
    """Whether the schema is that of this version. After `open_app` or `configure`."""
    from django.core.management import call_command

    try:
        call_command("migrate", check_unapplied=True, verbosity=0, interactive=False)
    except SystemExit:
        return False
    return True


def _try_to_connect(dsn: str) -> None:
    try:
        psycopg.connect(dsn, connect_timeout=10).close()
    except psycopg.OperationalError as error:
        raise Refusal(
            f"The database named by DATABASE_URL does not answer: {error}. "
            "Check the address, and that the server runs."
        ) from None


def tell_and_exit(refusal: Refusal) -> "typer.Exit":
    typer.secho(str(refusal), err=True, fg=typer.colors.RED if sys.stderr.isatty() else None)
    return typer.Exit(1)


def child_environment(settings: Settings, dsn: str) -> dict[str, str]:
    """What children of `up` are told: the same settings, and where the database is."""
    # BROKER_URL has a secret in it: they inherit it as it is.
    aliased = {"database_url", "named_key_file", "broker_url"}
    told = settings.model_dump(exclude=aliased, exclude_none=True)
    if settings.named_key_file:
        told["key_file"] = settings.named_key_file
    return {
        **{f"POSTROAD_{name.upper()}": _plain(value) for name, value in told.items()},
        "DATABASE_URL": dsn,
        "PYTHONUNBUFFERED": "1",
    }


def _plain(value: object) -> str:
    """As the environment has it; a secret would say stars."""
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
