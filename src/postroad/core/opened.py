"""A mail taken apart for showing. Takes whatever came: nothing raises."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from typing import Final

NO_NAME: Final = "file"
_UNREADABLE: Final = (MessageError, ValueError, LookupError, AttributeError, TypeError)
"""What the standard parser throws at malformed headers and unknown charsets."""


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An attachment, decoded. `media_type` as it says itself, lower case."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """`headers` in their order, decoded, unfolded. '' where there is no text or no HTML."""

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[OpenedFile, ...]

    def header(self, name: str) -> str:
        """The first of that name, '' when there is none."""
        wanted = name.lower()
        return next((value for known, value in self.headers if known.lower() == wanted), "")


def open_mail(content: bytes) -> OpenedMail:
    """RFC 5322 and MIME; what can't be read is left out or shown as it stands."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    parts = [part for part in message.walk() if not part.is_multipart()]
    return OpenedMail(
        headers=tuple(_headers(message)),
        text=next((_text(part) for part in parts if _is_body(part, "text/plain")), ""),
        html=next((_text(part) for part in parts if _is_body(part, "text/html")), ""),
        files=tuple(_file(part) for part in parts if _is_file(part)),
    )


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    seen: Counter[str] = Counter()
    for name in message.keys():  # noqa: SIM118 (a message is no mapping)
        yield name, _header(message, name, seen[name.lower()])
        seen[name.lower()] += 1


def _header(message: Message, name: str, place: int) -> str:
    try:
        value = str((message.get_all(name) or [])[place])
    except (*_UNREADABLE, IndexError):
        return ""
    return " ".join(value.split()).encode("utf-8", "replace").decode()


def _media_type(part: Message) -> str:
    try:
        return part.get_content_type()
    except _UNREADABLE:
        return "application/octet-stream"


def _is_body(part: Message, media_type: str) -> bool:
    return _media_type(part) == media_type and not _is_file(part)


def _is_file(part: Message) -> bool:
    try:
        if part.get_content_disposition() == "attachment" or part.get_filename():
            return True
    except _UNREADABLE:
        return True
    return not _media_type(part).startswith("text/")


def _file(part: Message) -> OpenedFile:
    try:
        name = part.get_filename() or NO_NAME
    except _UNREADABLE:
        name = NO_NAME
    return OpenedFile(name, _media_type(part), _octets(part))


def _octets(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except _UNREADABLE:
        return b""
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    octets = _octets(part)
    try:
        return octets.decode(part.get_content_charset("utf-8"), "replace")
    except _UNREADABLE:
        return octets.decode("utf-8", "replace")
