"""What `postroad send` is told, read and judged before anything is started."""

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from postroad.cli.starting import Refusal
from postroad.content.source import ImportedSource, import_source
from postroad.core.launching import At, Now, When
from postroad.core.pasted import parse_pasted
from postroad.core.relay import LOOPBACK, RelayFields
from postroad.core.revision import NewFile

_TLS_OF: Final = {"smtps": "implicit", "smtp+starttls": "starttls"}
_PORT_OF: Final = {"smtps": 465, "smtp+starttls": 587, "smtp": 587}


@dataclass(frozen=True, slots=True)
class Order:
    """`people` is the name of a CSV file, or pasted text; `relay` None is the default one."""

    source: ImportedSource
    source_name: str
    subject: str
    people: Path | str
    files: tuple[NewFile, ...]
    sender_name: str
    sender_address: str
    reply_to: str
    relay: RelayFields | None
    defaults: Mapping[str, str]
    when: When
    is_bulk: bool = False
    postal_address: str = ""
    is_agreed: bool = field(default=False)

    @property
    def policies(self) -> dict[str, dict[str, str]]:
        return {
            name: {"policy": "default", "default": text} for name, text in self.defaults.items()
        }


def read_source(path: Path) -> ImportedSource:
    found = import_source(path.name, _read(path, "letter"))
    if not isinstance(found, ImportedSource):
        raise Refusal(f"{path}: {found.reason}")
    return found


def read_file(path: Path) -> NewFile:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return NewFile(path.name, kind, _read(path, "file to attach"))


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(
            f"The {what} {path} cannot be read: {error.strerror or error}. Check its name."
        ) from None


def read_people(text: str) -> Path | str:
    """An existing file, or addresses written out."""
    if "@" in text and not Path(text).is_file():
        return text
    path = Path(text)
    if not path.is_file():
        raise Refusal(
            f"There is no file {path}. Name a CSV file, or write --to 'Name <a@example.org>, …'."
        )
    return path


def read_mailbox(text: str) -> tuple[str, str]:
    """Name and address; ('', '') for ''."""
    if not text.strip():
        return "", ""
    pasted = parse_pasted(text)
    if pasted.bad or len(pasted.good) != 1:
        reason = pasted.bad[0].reason if pasted.bad else "it is not one address."
        raise Refusal(f"--from {text!r}: {reason} Write it like 'Ann Lee <ann@example.org>'.")
    return pasted.good[0].name, pasted.good[0].address.address


def read_defaults(pairs: Sequence[str]) -> dict[str, str]:
    """NAME=TEXT each."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        if not sign or not name.strip().isidentifier():
            raise Refusal(f"--default {pair!r} is not understood: write company='your team'.")
        found[name.strip()] = text
    return found


def read_when(at: str, zone: str) -> When:
    if not at:
        return Now()
    try:
        local = datetime.fromisoformat(at)
    except ValueError:
        raise Refusal(f"--at {at!r} is no time: write it like '2026-12-01 09:00'.") from None
    if local.tzinfo is not None:
        raise Refusal("--at takes the time on the clocks of --zone: leave the offset away.")
    return At(local, zone)


def read_relay(url: str, password: str | None) -> RelayFields | None:
    """A relay from its address; `password` (from the environment) goes before one in it.

    smtp:// is STARTTLS, and in clear only on this machine; smtps:// is TLS from the start.
    """
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _no_relay() from None
    if parts.scheme not in _PORT_OF or not host or parts.path not in ("", "/"):
        raise _no_relay()
    user = unquote(parts.username or "")
    given = password if password is not None else unquote(parts.password or "")
    number = port or _PORT_OF[parts.scheme]
    name = f"{host}:{number}" + (f" as {user}" if user else "")
    return RelayFields(
        name=name,
        host=host,
        port=number,
        tls=_tls_of(parts, host),
        user=user,
        password=given if user else "",
        ca_file=next(iter(parse_qs(parts.query).get("ca", [])), ""),
    )


def _tls_of(parts: SplitResult, host: str) -> str:
    if parts.scheme in _TLS_OF:
        return _TLS_OF[parts.scheme]
    return "none" if host in LOOPBACK else "starttls"


def _no_relay() -> Refusal:
    """The address is not repeated: a password may be in it."""
    return Refusal(
        "--relay is not understood: write smtp://user@host:587 or smtps://user@host:465, "
        "and the password in POSTROAD_RELAY_PASSWORD."
    )
