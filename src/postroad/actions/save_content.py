"""A content: checked, and kept as a revision of its own."""

from collections.abc import Callable, Mapping
from typing import Protocol

from postroad.core.contact import text_fault
from postroad.core.ids import ContentId, RevisionId
from postroad.core.revision import NewRevision, revision_faults
from postroad.core.saved import Gone, Refused, Saved, Unchanged

CheckTemplate = Callable[[NewRevision], Mapping[str, str]]
"""Compiles a revision; field → what is wrong with its template, with line and column."""


class ContentStore(Protocol):
    def create_content(
        self, name: str, revision: NewRevision, actor: str
    ) -> Saved[ContentId] | Refused: ...

    def save_revision(
        self, content_id: ContentId, revision: NewRevision, actor: str
    ) -> Saved[RevisionId] | Unchanged[RevisionId] | Gone: ...

    def rename_content(
        self, content_id: ContentId, name: str, actor: str
    ) -> Saved[ContentId] | Refused | Gone: ...


def create_content(
    store: ContentStore, check: CheckTemplate, name: str, revision: NewRevision, actor: str
) -> Saved[ContentId] | Refused:
    """A new content with its revision 1."""
    faults = {**_name_faults(name), **_faults(check, revision)}
    if faults:
        return Refused(faults)
    return store.create_content(name.strip(), revision, actor)


def save_revision(
    store: ContentStore,
    check: CheckTemplate,
    content_id: ContentId,
    revision: NewRevision,
    actor: str,
) -> Saved[RevisionId] | Unchanged[RevisionId] | Refused | Gone:
    """The next revision; the same again keeps nothing."""
    faults = _faults(check, revision)
    if faults:
        return Refused(faults)
    return store.save_revision(content_id, revision, actor)


def rename_content(
    store: ContentStore, content_id: ContentId, name: str, actor: str
) -> Saved[ContentId] | Refused | Gone:
    faults = _name_faults(name)
    return Refused(faults) if faults else store.rename_content(content_id, name.strip(), actor)


def _faults(check: CheckTemplate, revision: NewRevision) -> Mapping[str, str]:
    """Templates are compiled only when the rest is sound: a text of 50 MB never gets that far."""
    return revision_faults(revision) or check(revision)


def _name_faults(name: str) -> dict[str, str]:
    if not name.strip():
        return {"name": "The content has no name: give it one."}
    fault = text_fault(name.strip())
    return {"name": f"The name {fault}"} if fault else {}
