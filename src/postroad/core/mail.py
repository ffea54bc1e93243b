"""The shapes in which a mail travels between the stages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.ids import RelayId, RevisionId


@dataclass(frozen=True, slots=True)
class Recipient:
    """One frozen recipient, as the prepare stage sees it."""

    n: int
    address: str
    name: str
    data: Mapping[str, object]
    """Variables by name: name, first_name, last_name, company, address and
    the contact's own attributes. Absent and '' both count as missing."""
    message_id: str
    unsubscribe_url: str
    """'' for personal campaigns: then no list headers are written."""


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    address: str
    reply_to: str = ""
    postal_address: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`head` + the revision's tail are the mail, CRLF, not dot-stuffed.

    `sha256` and `size` (octets) are of the whole, the Date header apart: it
    is written in front when the mail is dispatched.
    """

    n: int
    head: bytes
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """`cause` groups alike ('variable company is missing'); `text` is for people."""

    n: int
    cause: str
    text: str


@dataclass(frozen=True, slots=True)
class Skipped:
    n: int
    cause: str
    text: str


Preparation = Prepared | Failed | Skipped


class Preparer(Protocol):
    """A compiled content revision. Pure: no I/O, safe in any thread."""

    @property
    def tail(self) -> bytes:
        """The static end of every mail: the attachments' parts and the closing boundary."""
        ...

    def prepare(self, sender: Sender, recipients: Sequence[Recipient]) -> list[Preparation]:
        """One result a recipient, in order. Never raises for bad data or templates."""
        ...


@dataclass(frozen=True, slots=True)
class RelayTarget:
    """`password` is in clear here and nowhere else; repr hides it."""

    relay_id: RelayId
    host: str
    port: int
    tls: str
    """'none', 'starttls' or 'implicit'."""
    user: str = ""
    password: str = ""
    ca_file: str = ""
    """Extra trusted authority (PEM file), '' for the system's."""
    helo: str = "localhost"
    connections: int = 4
    chunking: bool = True
    """Several mails at once where the relay announces CHUNKING."""
    domain_connections: int = 0
    """Of these with mails to one domain of the lane `other` at once; 0: any number."""

    def __repr__(self) -> str:
        return (
            f"RelayTarget({self.relay_id}, {self.host}:{self.port}, {self.tls}, user={self.user!r})"
        )


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail ready for a session.

    `pieces` joined are the message, complete with Date, CRLF, not dot-stuffed;
    each piece ends with CRLF, so that the session can dot-stuff piece by piece
    and cache what it did to a shared one (RFC 5321, 4.5.2). `size` in octets.
    """

    key: int
    sender: str
    recipient: str
    pieces: tuple[bytes, ...]
    size: int


class RelayUnusable(Exception):
    """A relay's settings cannot be used; the text says what to do."""


RevisionLoader = Callable[[RevisionId], Preparer]
RelayLoader = Callable[[RelayId], RelayTarget]
