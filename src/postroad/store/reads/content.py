"""Contents, their revisions, and the bytes of their files."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, OuterRef, Subquery

from postroad.core.ids import ContentId, RevisionId
from postroad.core.revision import KeptFile
from postroad.store.models import Attachment, Revision


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A content as its latest revision has it."""

    id: ContentId
    name: str
    revision_id: RevisionId
    number: int
    subject: str
    format: str
    files: tuple[KeptFile, ...]
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionDetail:
    id: RevisionId
    content_id: ContentId
    content_name: str
    number: int
    subject: str
    format: str
    source: str
    text_source: str
    policies: Mapping[str, Mapping[str, str]]
    files: tuple[KeptFile, ...]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionRow:
    id: RevisionId
    number: int
    subject: str
    created_at: datetime


def contents() -> list[ContentRow]:
    """All by name, one query."""
    newest = Revision.objects.filter(content_id=OuterRef("content_id")).order_by("-number")
    found = (
        Revision.objects.annotate(newest=Subquery(newest.values("id")[:1]))
        .filter(id=F("newest"))
        .select_related("content")
        .defer("source", "text_source")
        .order_by("content__name")
    )
    return [_row(revision) for revision in found]


def _row(revision: Revision) -> ContentRow:
    return ContentRow(
        ContentId(revision.content_id),
        revision.content.name,
        RevisionId(revision.id),
        revision.number,
        revision.subject,
        revision.format,
        _files(revision),
        revision.created_at,
    )


def _files(revision: Revision) -> tuple[KeptFile, ...]:
    return tuple(KeptFile(**file) for file in revision.files)


def revision(revision_id: RevisionId) -> RevisionDetail | None:
    return _detail(Revision.objects.select_related("content").filter(id=revision_id).first())


def numbered(content_id: ContentId, number: int) -> RevisionDetail | None:
    """The revision of that number of a content."""
    found = Revision.objects.select_related("content")
    return _detail(found.filter(content_id=content_id, number=number).first())


def latest(content_id: ContentId) -> RevisionDetail | None:
    """The newest revision of a content; None when there is no such content."""
    revisions = Revision.objects.select_related("content").filter(content_id=content_id)
    return _detail(revisions.order_by("-number").first())


def _detail(found: Revision | None) -> RevisionDetail | None:
    if found is None:
        return None
    return RevisionDetail(
        id=RevisionId(found.id),
        content_id=ContentId(found.content_id),
        content_name=found.content.name,
        number=found.number,
        subject=found.subject,
        format=found.format,
        source=found.source,
        text_source=found.text_source,
        policies=found.policies,
        files=_files(found),
        created_at=found.created_at,
    )


def revisions(content_id: ContentId) -> list[RevisionRow]:
    """Newest first."""
    found = Revision.objects.filter(content_id=content_id).order_by("-number")
    rows = found.values_list("id", "number", "subject", "created_at")
    return [RevisionRow(RevisionId(key), number, subject, at) for key, number, subject, at in rows]


def kept_files(wanted: Iterable[tuple[int, str, str]]) -> tuple[KeptFile, ...]:
    """Attachments by id, with the name and media type to use; those that are not there fall out."""
    listed = list(wanted)
    found = Attachment.objects.filter(id__in=[each for each, _, _ in listed])
    sizes = dict(found.values_list("id", "size"))
    return tuple(
        KeptFile(each, name, media_type, sizes[each])
        for each, name, media_type in listed
        if each in sizes
    )


def file_data(attachment_id: int) -> bytes | None:
    """The bytes of one attachment."""
    data = Attachment.objects.filter(id=attachment_id).values_list("data", flat=True).first()
    return None if data is None else bytes(data)
