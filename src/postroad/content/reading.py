"""Reads prepared mails back, as a receiver does: with the standard library's parser."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from postroad.core.greeting import greeting_of

__all__ = ["ReadAttachment", "ReadMail", "greeting_of", "read_file", "read_mail"]


@dataclass(frozen=True, slots=True)
class ReadAttachment:
    name: str
    media_type: str
    size: int
    sha256: bytes


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as its reader sees it. `html` is hostile: show it in a sandbox only.

    `defects` are the parser's words for what is against the RFCs; empty for
    every mail that Postroad prepares.
    """

    subject: str
    from_: str
    to: str
    text: str
    html: str
    attachments: tuple[ReadAttachment, ...]
    headers: tuple[tuple[str, str], ...]
    """In order, decoded and unfolded."""
    defects: tuple[str, ...]


def read_mail(data: bytes) -> ReadMail:
    """Any mail's parts, decoded. Never raises: what can't be read is '' and a defect."""
    message = message_from_bytes(data, policy=policy.default)
    headers, defects = _headers(message)
    defects += [type(found).__name__ for part in message.walk() for found in part.defects]
    plain, html = message.get_body(("plain",)), message.get_body(("html",))
    first = dict(reversed([(name.lower(), value) for name, value in headers]))
    return ReadMail(
        subject=first.get("subject", ""),
        from_=first.get("from", ""),
        to=first.get("to", ""),
        text=_text(plain),
        html=_text(html),
        attachments=tuple(_attachments(message, (plain, html))),
        headers=tuple(headers),
        defects=tuple(defects),
    )


def _headers(message: EmailMessage) -> tuple[list[tuple[str, str]], list[str]]:
    headers: list[tuple[str, str]] = []
    defects: list[str] = []
    for name, raw in message.raw_items():
        try:
            value = policy.default.header_fetch_parse(name, raw)
            defects += [type(found).__name__ for found in getattr(value, "defects", ())]
            headers.append((name, str(value)))
        except Exception as error:  # noqa: BLE001 - the parser fails in many ways on hostile headers
            defects.append(type(error).__name__)
            headers.append((name, raw))
    return headers, defects


def _text(part: object) -> str:
    """A text part, decoded by its charset, or as far as UTF-8 goes."""
    if not isinstance(part, EmailMessage):
        return ""
    payload = part.get_payload(decode=True)
    octets = payload if isinstance(payload, bytes) else b""
    try:
        text = octets.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        text = octets.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def read_file(data: bytes, place: int) -> tuple[ReadAttachment, bytes] | None:
    """The attachment at `place` of `read_mail(data).attachments`, from 0, with its octets."""
    message = message_from_bytes(data, policy=policy.default)
    bodies = message.get_body(("plain",)), message.get_body(("html",))
    return next((found for at, found in enumerate(_files(message, bodies)) if at == place), None)


def _attachments(message: EmailMessage, bodies: tuple[object, ...]) -> Iterator[ReadAttachment]:
    return (attachment for attachment, _ in _files(message, bodies))


def _files(
    message: EmailMessage, bodies: tuple[object, ...]
) -> Iterator[tuple[ReadAttachment, bytes]]:
    for part in message.walk():
        if part.is_multipart() or any(part is body for body in bodies):
            continue
        if part is message and not part.is_attachment():
            continue
        payload = part.get_payload(decode=True)
        octets = payload if isinstance(payload, bytes) else b""
        sha256 = hashlib.sha256(octets).digest()
        found = ReadAttachment(part.get_filename(""), part.get_content_type(), len(octets), sha256)
        yield found, octets
