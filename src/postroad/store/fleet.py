"""What processes on several hosts must agree on before they work with one database.

Plain psycopg: workers have no Django.
"""

import socket
from pathlib import Path
from typing import Final

import psycopg
from psycopg import errors

from postroad.store.secrets import BadKey, Key, derive

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_MARK: Final = "key_mark"


def known_migrations() -> set[str]:
    """Those that this version has."""
    return {path.stem for path in _MIGRATIONS.glob("0*.py")}


def missing_migrations(dsn: str) -> tuple[str, ...]:
    """Ours that the database has not had; those of a later version that it has are no matter."""
    asked = "SELECT name FROM django_migrations WHERE app = 'postroad'"
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            applied = {name for (name,) in connection.execute(asked)}
    except errors.UndefinedTable:
        applied = set()
    return tuple(sorted(known_migrations() - applied))


def spoken_versions(dsn: str) -> tuple[int, int] | None:
    """The oldest and newest version of the protocol that the schema serves; None: no schema."""
    try:
        with psycopg.connect(dsn, connect_timeout=10) as connection:
            row = connection.execute("SELECT oldest, newest FROM protocol_versions()").fetchone()
    except errors.UndefinedFunction:
        return None
    return (int(row[0]), int(row[1])) if row else None


def resting_slots(dsn: str) -> tuple[str, ...]:
    """Of this host: those whose worker was drained, in which nobody works."""
    asked = "SELECT slot FROM resting_slot WHERE host = %s ORDER BY slot"
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        return tuple(slot for (slot,) in connection.execute(asked, [socket.gethostname()]))


def require_key_of(dsn: str, key: Key) -> None:
    """Raises BadKey on a host whose key is another than that of the database.

    It would take every relay for unusable, and stop them for the whole fleet.
    The first one that comes leaves a mark of its key.
    """
    mine = _mark_of(key)
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        found = _mark_in(connection)
        if found is None:
            connection.execute(
                "INSERT INTO setting (name, value) VALUES (%s, to_jsonb(%s::text))"
                " ON CONFLICT DO NOTHING",
                [_MARK, mine],
            )
            found = _mark_in(connection)
    if found != mine:
        raise BadKey(
            "The key of this host is not the one that the secrets in the database were encrypted "
            "with. Give it the key file of the other hosts (POSTROAD_KEY_FILE). If that is lost, "
            "`postroad key --adopt` makes this one the key; then enter relay passwords again."
        )


def adopt_key(dsn: str, key: Key) -> None:
    """From now on this is the key; what another one encrypted is lost."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        connection.execute(
            "INSERT INTO setting (name, value) VALUES (%s, to_jsonb(%s::text))"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [_MARK, _mark_of(key)],
        )


def has_key_of(dsn: str, key: Key | None) -> bool:
    """Whether what the database keeps encrypted can be read with this key. Changes nothing."""
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as connection:
        found = _mark_in(connection)
    return found is None or (key is not None and found == _mark_of(key))


def _mark_of(key: Key) -> str:
    """Tells keys apart and nothing of them."""
    return derive(key, "mark").hex()


def _mark_in(connection: psycopg.Connection[tuple[object, ...]]) -> object | None:
    row = connection.execute(
        "SELECT value #>> '{}' FROM setting WHERE name = %s", [_MARK]
    ).fetchone()
    return row[0] if row else None
