"""What workers need of the store, without Django: plain reads by psycopg."""

from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow, dict_row

from postroad.core.ids import RelayId, RevisionId
from postroad.core.mail import RelayTarget
from postroad.store.queries import query
from postroad.store.secrets import Key, decrypt

PASSWORD_PURPOSE = "relay password"  # noqa: S105 - the purpose of the key, not a password.
SOURCE_PURPOSE = "source password"


@dataclass(frozen=True, slots=True)
class LoadedFile:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class LoadedRevision:
    """A content revision as it was entered; `policies` as in the model."""

    id: RevisionId
    subject: str
    format: str
    source: str
    text_source: str
    policies: dict[str, dict[str, str]]
    files: tuple[LoadedFile, ...]


class NotThere(LookupError):
    """A pinned row is gone; the text names it."""


def load_revision(dsn: str, revision: RevisionId) -> LoadedRevision:
    """Raises NotThere, and OSError when the database is away."""
    with _connect(dsn) as connection:
        row = _one(connection, "load_revision", {"revision": revision}, "content revision")
        ids = [file["attachment_id"] for file in row["files"]]
        found = connection.execute(_sql("load_attachments"), {"ids": ids}).fetchall()
    data = {each["id"]: bytes(each["data"]) for each in found}
    files = tuple(
        LoadedFile(file["name"], file["media_type"], data[file["attachment_id"]])
        for file in row["files"]
    )
    return LoadedRevision(
        revision, row["subject"], row["format"], row["source"], row["text_source"],
        row["policies"], files,
    )  # fmt: skip


def load_relay(dsn: str, relay: RelayId, key: Key, helo: str) -> RelayTarget:
    """With the password in clear. Raises NotThere, and OSError when the database is away."""
    with _connect(dsn) as connection:
        row = _one(connection, "load_relay", {"relay": relay}, "relay")
    password = decrypt(key, PASSWORD_PURPOSE, bytes(row["password"])) if row["password"] else ""
    return RelayTarget(
        relay, row["host"], row["port"], row["tls"], row["user"], password,
        row["ca_file"], helo, row["connections"], row["chunking"],
    )  # fmt: skip


def _connect(dsn: str) -> psycopg.Connection[DictRow]:
    try:
        return psycopg.connect(dsn, row_factory=dict_row, connect_timeout=10)
    except psycopg.OperationalError as error:
        message = f"The database is away: {error}"
        raise ConnectionError(message) from error


def _one(
    connection: psycopg.Connection[DictRow], name: str, arguments: dict[str, object], what: str
) -> DictRow:
    row = connection.execute(_sql(name), arguments).fetchone()
    if row is None:
        message = f"The {what} {arguments} is not there any more."
        raise NotThere(message)
    return row


def _sql(name: str) -> bytes:
    return query(name).encode()
