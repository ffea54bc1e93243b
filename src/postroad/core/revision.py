"""One revision of a content, as entered, with its files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from .contact import text_fault

FORMATS = ("html", "md", "txt")
MAX_FILES_SIZE = 25 * 1024 * 1024
"""Octets of all attachments of a revision; more is refused by most receivers."""
MAX_SOURCE = 2 * 1024 * 1024
"""Octets of a source text."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """An uploaded attachment."""

    name: str
    media_type: str
    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.data)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """An attachment that an earlier revision brought; its bytes are stored."""

    attachment_id: int
    name: str
    media_type: str
    size: int


@dataclass(frozen=True, slots=True)
class NewRevision:
    """`policies` is {variable: {"policy": "fail"|"skip"|"default", "default": text}}."""

    subject: str
    format: str
    source: str
    text_source: str = ""
    policies: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    files: tuple[NewFile | KeptFile, ...] = ()


def revision_faults(revision: NewRevision) -> dict[str, str]:
    """Field → what is wrong, ending with what to do; templates are checked elsewhere."""
    return dict(_faults(revision))


def _faults(revision: NewRevision) -> Iterator[tuple[str, str]]:
    if not revision.subject.strip():
        yield "subject", "The subject is empty: write one."
    fault = text_fault(revision.subject, 998)
    if fault:
        yield "subject", f"The subject {fault}"
    if revision.format not in FORMATS:
        yield "format", "Choose HTML, Markdown or plain text."
    if not revision.source.strip():
        yield "source", "The text is empty: upload a file or write one."
    for name in ("source", "text_source"):
        text = getattr(revision, name)
        if "\0" in text:
            yield name, "The text contains NUL, so it is no text: save it as plain text or HTML."
        elif len(text.encode("utf-8", "surrogatepass")) > MAX_SOURCE:
            yield name, "The text is larger than 2 MB: shorten it, or attach a file."
    yield from _policy_faults(revision.policies)
    yield from _file_faults(revision.files)


def _policy_faults(policies: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    for variable, policy in policies.items():
        if policy.get("policy") not in ("fail", "skip", "default"):
            text = f"Say what happens when {variable} is missing: fail, skip or default."
            yield f"policies.{variable}", text


def file_faults(files: tuple[NewFile | KeptFile, ...]) -> dict[str, str]:
    """The faults of the files alone, under 'files'."""
    return dict(_file_faults(files))


def _file_faults(files: tuple[NewFile | KeptFile, ...]) -> Iterator[tuple[str, str]]:
    for file in files:
        fault = text_fault(file.name, 255)
        if not file.name.strip() or "/" in file.name or "\\" in file.name:
            yield "files", f"{file.name!r} is no name of a file: rename it and attach it again."
        elif fault:
            yield "files", f"The file name {fault}"
        elif file.size == 0:
            yield "files", f"{file.name} is empty: attach the right file."
    total = sum(file.size for file in files)
    if total > MAX_FILES_SIZE:
        megabytes = total / 1024 / 1024
        text = f"The files are {megabytes:.1f} MB together, at most 25 MB go out: take some away."
        yield "files", text
