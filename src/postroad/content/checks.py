"""Checks of a content and of a prepared mail, before anybody receives it.

Red blocks, yellow asks to acknowledge, blue informs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from postroad.content.message import RevisionSpec
from postroad.content.reading import ReadMail
from postroad.content.template import variables_of

MEGABYTE = 1024 * 1024
CLIPPED_BY_GMAIL = 102 * 1024
LARGE_FILES = 10 * MEGABYTE
TOO_LARGE_FILES = 25 * MEGABYTE

# fmt: off
_EXECUTABLE = frozenset({
    "ade", "adp", "apk", "app", "bat", "cab", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe",
    "hta", "iso", "jar", "js", "jse", "lib", "lnk", "mde", "msc", "msi", "msp", "mst", "nsh",
    "pif", "ps1", "scr", "sct", "sh", "sys", "vb", "vbe", "vbs", "vhd", "vxd", "wsc", "wsf",
    "wsh", "xll",
})
# fmt: on
_UNRESOLVED = re.compile(r"\{\{[^{}\n]{0,60}\}\}|\{%[^{}\n]{0,60}%\}")
_PLAIN_HTTP = re.compile(r"""(?:href|src)\s*=\s*["']?\s*(http://[^\s"'<>]{1,200})""", re.IGNORECASE)
_ODD_LINK = re.compile(
    r"""href\s*=\s*["']?\s*((?:javascript|data|file|vbscript):)""", re.IGNORECASE
)


class Severity(StrEnum):
    RED = "red"
    YELLOW = "yellow"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is stable and short ('subject', 'size'); `text` ends with what to do."""

    severity: Severity
    name: str
    text: str


def check_content(spec: RevisionSpec, *, is_bulk: bool) -> list[Finding]:
    """What can be said of a revision without a recipient."""
    checks: list[Callable[[RevisionSpec], Iterator[Finding]]] = [_subject, _files, _executables]
    if is_bulk:
        checks.append(_bulk)
    return list(chain.from_iterable(check(spec) for check in checks))


def check_mail(mail: ReadMail, size: int) -> list[Finding]:
    """What can be said of a mail as it was prepared; `size` in octets, of the whole."""
    return [*_alternative(mail), *_braces(mail), *_size(mail, size), *_links(mail)]


def _subject(spec: RevisionSpec) -> Iterator[Finding]:
    if not spec.subject.strip():
        yield Finding(Severity.RED, "subject", "The subject is empty. Write one.")


def _files(spec: RevisionSpec) -> Iterator[Finding]:
    total = sum(len(file.data) for file in spec.files)
    if total > LARGE_FILES:
        severity = Severity.RED if total > TOO_LARGE_FILES else Severity.YELLOW
        text = (
            f"The files have {total / MEGABYTE:.1f} MB; many receivers refuse more than 10, nearly "
            "all more than 25. Attach smaller files, or link to them."
        )
        yield Finding(severity, "files", text)


def _executables(spec: RevisionSpec) -> Iterator[Finding]:
    for file in spec.files:
        if file.name.rpartition(".")[2].lower() in _EXECUTABLE:
            text = f"{file.name} is a program; most receivers refuse it. Link to it instead."
            yield Finding(Severity.YELLOW, "executable", text)


def _bulk(spec: RevisionSpec) -> Iterator[Finding]:
    """DELIVERABILITY R12: a visible way out and the sender's postal address."""
    sources = [spec.source]
    if spec.format != "txt" and spec.text_source.strip():
        sources.append(spec.text_source)
    if not all(_uses(source, "unsubscribe_url") for source in sources):
        text = "There is no link to unsubscribe. Write {{ unsubscribe_url }} where it belongs."
        yield Finding(Severity.RED, "unsubscribe", text)
    if not all(_uses(source, "postal_address") for source in sources):
        text = (
            "The sender's postal address is not in the text, and many countries ask for it. "
            "Write {{ postal_address }} at the end, or acknowledge that it is there in words."
        )
        yield Finding(Severity.YELLOW, "postal_address", text)


def _uses(source: str, name: str) -> bool:
    return any(use.name == name for use in variables_of(source))


def _alternative(mail: ReadMail) -> Iterator[Finding]:
    if not mail.subject.strip():
        yield Finding(Severity.RED, "subject", "The subject of this mail is empty. Write one.")
    if not mail.text.strip() and not mail.html.strip():
        yield Finding(Severity.RED, "empty", "The mail is empty. Write a text.")
    elif not mail.text.strip():
        text = "There is no text for those who read without HTML. Write a text version."
        yield Finding(Severity.RED, "text", text)


def _braces(mail: ReadMail) -> Iterator[Finding]:
    for part in (mail.subject, mail.text, mail.html):
        if found := _UNRESOLVED.search(part):
            text = f"{found[0]} reached the mail as it is. Mend the template or the contact's data."
            yield Finding(Severity.RED, "braces", text)
            return


def _size(mail: ReadMail, size: int) -> Iterator[Finding]:
    if len(mail.html.encode("utf-8", "replace")) > CLIPPED_BY_GMAIL:
        text = "The HTML has more than 102 KB; Gmail cuts it off there. Shorten it."
        yield Finding(Severity.YELLOW, "clipped", text)
    if size > TOO_LARGE_FILES:
        text = f"The mail has {size / MEGABYTE:.1f} MB; nearly all receivers refuse it. Shorten it."
        yield Finding(Severity.RED, "size", text)


def _links(mail: ReadMail) -> Iterator[Finding]:
    if found := _ODD_LINK.search(mail.html):
        text = f"A link begins with {found[1]}; no mail program follows it. Use https://."
        yield Finding(Severity.RED, "link", text)
    if plain := _PLAIN_HTTP.findall(mail.html):
        text = f"{len(plain)} links are not encrypted, first {plain[0]}. Use https://."
        yield Finding(Severity.YELLOW, "http", text)
