"""Attachments as MIME parts, encoded once per revision."""

import base64
import re
from dataclasses import dataclass, field

from postroad.content.fault import FaultKind, TemplateFault
from postroad.content.header import parameter
from postroad.core.variables import header_problem

_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}/[A-Za-z0-9][A-Za-z0-9.+-]{0,80}")
_UNKNOWN = "application/octet-stream"
_BASE64_LINE = 57
"""Octets that make 76 characters."""


@dataclass(frozen=True, slots=True)
class FileSpec:
    """A file that every mail of the revision carries."""

    name: str
    media_type: str
    data: bytes = field(repr=False)


def file_faults(files: tuple[FileSpec, ...]) -> list[TemplateFault]:
    """Names that can't stand in a header or on a receiver's disk."""
    return [
        TemplateFault(FaultKind.FILE, 0, 0, text, part="files")
        for file in files
        if (text := _name_fault(file.name))
    ]


def _name_fault(name: str) -> str:
    problem = header_problem(name)
    if problem:
        return (
            f"There is a {problem} in the file name {name!r}. Rename the file and attach it again."
        )
    if not name.strip() or len(name) > 255:
        return f"{name!r} is no file name. Rename the file and attach it again."
    if "/" in name or "\\" in name:
        return f"There is a path in the file name {name!r}. Rename the file and attach it again."
    return ""


def attachment_part(file: FileSpec) -> bytes:
    """Headers and base64 body, ending with CRLF; the boundary before it is not included."""
    media_type = file.media_type.strip().lower()
    # A message or multipart in base64 is against RFC 2046, 5.2.1 and 5.1.
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("message/", "multipart/")):
        media_type = _UNKNOWN
    head = (
        f"Content-Type: {media_type}\r\n"
        f"Content-Disposition: attachment{parameter('filename', file.name.strip())}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + _base64(file.data)


def _base64(data: bytes) -> bytes:
    lines = [
        base64.b64encode(data[start : start + _BASE64_LINE])
        for start in range(0, len(data), _BASE64_LINE)
    ]
    return b"".join(line + b"\r\n" for line in lines)
