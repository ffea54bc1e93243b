"""The MIME frame of a revision's mails (RFC 2045, 2046): everything but the variable parts.

The boundaries hold '=_', which neither quoted-printable nor base64 can
produce, so no content can contain one (RFC 2045, 6.7). The CRLF before a
boundary belongs to it, so a body keeps its own last line break.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from postroad.content.attachment import FileSpec, attachment_part

_TEXT = (
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
)
_HTML = (
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Skeleton:
    """head = headers + before_text + text [+ before_html + html] + after; then the tail."""

    before_text: str
    before_html: str
    after: str
    tail: bytes

    @property
    def size(self) -> int:
        """Octets of all of it."""
        return len(self.before_text + self.before_html + self.after) + len(self.tail)


def make_skeleton(seed: str, files: Sequence[FileSpec], *, has_html: bool) -> Skeleton:
    """The frame: text alone, multipart/alternative, and multipart/mixed around it for files.

    The tail is empty only for text alone without files: then nothing is to be closed.
    """
    stem = hashlib.sha256(seed.encode("utf-8", "replace")).hexdigest()[:24]
    outer, inner = f"=_{stem}_m", f"=_{stem}_a"
    before = _TEXT
    before_html = close = ""
    if has_html:
        before = f"{_multipart('alternative', inner)}--{inner}\r\n{_TEXT}"
        before_html = f"\r\n--{inner}\r\n{_HTML}"
        close = f"\r\n--{inner}--\r\n"
    if not files:
        return Skeleton(f"MIME-Version: 1.0\r\n{before}", before_html, "", close.encode())
    before = f"MIME-Version: 1.0\r\n{_multipart('mixed', outer)}--{outer}\r\n{before}"
    mark = f"--{outer}\r\n".encode()
    tail = b"".join(mark + attachment_part(file) for file in files) + f"--{outer}--\r\n".encode()
    return Skeleton(before, before_html, close or "\r\n", tail)


def _multipart(subtype: str, boundary: str) -> str:
    return f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n\r\n'
