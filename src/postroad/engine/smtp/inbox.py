"""The mails that the sandbox inbox took, in one SQLite file.

Durable before `add` returns; a process killed at any moment leaves a file
that opens again. Several processes may read while one writes.
"""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Self

import zstandard

_SCHEMA = """
CREATE TABLE IF NOT EXISTS mail (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         REAL NOT NULL,
    sender     TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject    TEXT NOT NULL,
    size       INTEGER NOT NULL,
    body       BLOB NOT NULL
)
"""
_COLUMNS = "id, at, sender, recipient, message_id, subject, size"
_INSERT = """
INSERT INTO mail (at, sender, recipient, message_id, subject, size, body)
VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id
"""
_PAGE = f"""
SELECT {_COLUMNS} FROM mail
WHERE id < :before
  AND (:pattern = '%%' OR recipient LIKE :pattern ESCAPE '\\' OR subject LIKE :pattern ESCAPE '\\'
       OR sender LIKE :pattern ESCAPE '\\' OR message_id LIKE :pattern ESCAPE '\\')
ORDER BY id DESC LIMIT :limit
"""  # noqa: S608 (constants only)
_ONE = f"SELECT {_COLUMNS}, body FROM mail WHERE id = ?"  # noqa: S608 (same)
_NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class NewMail:
    """`at`: seconds since 1970. `content`: as it came, dots unstuffed."""

    at: float
    sender: str
    recipient: str
    content: bytes


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """`size` in octets; `subject` decoded; `message_id` with its angle brackets."""

    id: int
    at: float
    sender: str
    recipient: str
    message_id: str
    subject: str
    size: int


@dataclass(frozen=True, slots=True)
class InboxMail:
    entry: InboxEntry
    content: bytes


class InboxStore:
    """Safe to share between threads. Raises sqlite3.Error when the disk says no."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA busy_timeout = 5000")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute(_SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def add(self, mail: NewMail) -> int:
        """Its number."""
        return self.add_all((mail,))[0]

    def add_all(self, mails: Sequence[NewMail]) -> list[int]:
        """Their numbers, in order; all or none, in one transaction."""
        rows = [_row(mail) for mail in mails]
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                numbers = [int(self._database.execute(_INSERT, row).fetchone()[0]) for row in rows]
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
        return numbers

    def page(
        self, before_id: int | None = None, limit: int = 50, search: str = ""
    ) -> list[InboxEntry]:
        """Newest first, those numbered below `before_id`. `search` is plain text."""
        values = {"before": before_id or _NEWEST, "pattern": _pattern(search), "limit": limit}
        with self._lock:
            return [InboxEntry(*row) for row in self._database.execute(_PAGE, values)]

    def get(self, number: int) -> InboxMail | None:
        with self._lock:
            row = self._database.execute(_ONE, (number,)).fetchone()
        if row is None:
            return None
        *columns, body = row
        return InboxMail(InboxEntry(*columns), zstandard.decompress(body))

    def count(self) -> int:
        with self._lock:
            return int(self._database.execute("SELECT count(*) FROM mail").fetchone()[0])

    def clear(self) -> int:
        """How many were thrown away. Numbers are not given out again."""
        with self._lock:
            return self._database.execute("DELETE FROM mail").rowcount


def _row(mail: NewMail) -> tuple[object, ...]:
    message_id, subject = _headers(mail.content)
    body = zstandard.compress(mail.content, 1)
    size = len(mail.content)
    return (mail.at, mail.sender, mail.recipient, message_id, subject, size, body)


def _headers(content: bytes) -> tuple[str, str]:
    """Message-ID and Subject; '' for what can't be read: the inbox takes every mail."""
    end = content.find(b"\r\n\r\n")
    head = content if end < 0 else content[: end + 2]
    try:
        parsed = BytesHeaderParser(policy=policy.default).parsebytes(head[:65536])
        return _text(parsed.get("Message-ID")), _text(parsed.get("Subject"))
    except (MessageError, ValueError, IndexError, AttributeError, TypeError):
        return "", ""


def _text(value: object) -> str:
    return str(value or "").strip().encode("utf-8", "replace").decode()


def _pattern(search: str) -> str:
    for special in ("\\", "%", "_"):
        search = search.replace(special, "\\" + special)
    return f"%{search}%"
