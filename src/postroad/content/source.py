"""Import of an uploaded file as the source of a content revision."""

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

Format = Literal["html", "md", "txt"]

LARGEST_SOURCE = 2 * 1024 * 1024
"""Octets. A mail over 102 KB is clipped by Gmail already."""

_FORMATS: dict[str, Format] = {
    ".html": "html",
    ".htm": "html",
    ".md": "md",
    ".markdown": "md",
    ".txt": "txt",
    ".text": "txt",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class ImportedSource:
    """`text` has LF line ends and no byte order mark; `notes` are for people."""

    format: Format
    text: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotText:
    """The file cannot be a content. `reason` says why and what to do."""

    reason: str


def import_source(name: str, data: bytes) -> ImportedSource | NotText:
    """The text of an uploaded `.html`, `.md` or `.txt` file in UTF-8, at most 2 MB."""
    suffix = PurePath(name).suffix.lower()
    chosen = _FORMATS.get(suffix)
    if chosen is None:
        return NotText(
            f"The file type {suffix or 'without a suffix'} can't be a content. "
            "Upload a .html, .md or .txt file; other files go in as attachments."
        )
    if len(data) > LARGEST_SOURCE:
        return NotText(
            f"The file has {len(data):,} bytes; a content has at most {LARGEST_SOURCE:,}. "
            "Shorten it, and put large pictures on the web or into attachments."
        )
    return _decode(chosen, data)


def _decode(chosen: Format, data: bytes) -> ImportedSource | NotText:
    if data.startswith(_UTF16_MARKS):
        return NotText("The file is UTF-16 (byte 0). Save it as UTF-8 and upload it again.")
    nul = data.find(b"\0")
    if nul >= 0:
        return NotText(
            f"The file is not text: it has a NUL at byte {nul}. "
            "Upload the letter as .html, .md or .txt; other files go in as attachments."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mark = 3 if data.startswith(b"\xef\xbb\xbf") else 0
        return NotText(
            f"The file is not UTF-8: byte {error.start + mark} can't be read. "
            "Save it with the encoding UTF-8 and upload it again."
        )
    notes = () if text.strip() else ("The file is empty.",)
    return ImportedSource(chosen, text.replace("\r\n", "\n").replace("\r", "\n"), notes)
