"""What every command that touches data does first: a database, its schema, our keys."""

import os
import sys
from typing import TYPE_CHECKING

import psycopg
import typer
from pydantic import ValidationError

from postroad.settings import Settings
from postroad.store.embedded import EmbeddedFault, EmbeddedServer
from postroad.store.secrets import BadKey

if TYPE_CHECKING:
    from postroad.app import App

ATTENTION = 3
"""Exit code: done, but something waits for a person."""


class Refusal(Exception):  # noqa: N818 - it is the answer to a command, not a fault of ours.
    """A command cannot be done; its text is for people and says what to do."""


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise Refusal("A setting cannot be used. Correct it: " + "; ".join(lines)) from None


def start_database(settings: Settings) -> str:
    """The DSN of a database that answers: the named one, or the embedded server, started."""
    if settings.database_url:
        _try_to_connect(settings.database_url)
        return settings.database_url
    try:
        return EmbeddedServer(settings.home).start()
    except EmbeddedFault as fault:
        raise Refusal(str(fault)) from None


def find_database(settings: Settings) -> str:
    """As `start_database`, for processes that are started by others: attach only."""
    if settings.database_url:
        return settings.database_url
    dsn = EmbeddedServer(settings.home).attach()
    if dsn is None:
        raise Refusal("The embedded database is not running. Start it with `postroad up`.")
    return dsn


def open_app(settings: Settings, dsn: str) -> "App":
    """Bring the schema up to date and build the app. Slow imports happen here only."""
    from postroad.web.django_settings import configure

    try:
        configure(settings, dsn)
    except BadKey as fault:
        raise Refusal(str(fault)) from None
    _migrate(dsn)
    from postroad.app import build_app

    return build_app(settings, dsn)


def _migrate(dsn: str) -> None:
    """Under a lock: two starters at once migrate one after the other."""
    from django.core.management import call_command

    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(hashtext('postroad migrate'))")
        call_command("migrate", verbosity=0, interactive=False)


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
    return {
        **{key: value for key, value in os.environ.items() if key.startswith("POSTROAD_")},
        "POSTROAD_HOME": str(settings.home),
        "POSTROAD_PORT": str(settings.port),
        "DATABASE_URL": dsn,
        "PYTHONUNBUFFERED": "1",
    }
