"""Contents: revisions that are never changed, files that are stored once."""

import hashlib
from collections.abc import Iterable

from django.db import transaction

from postroad.core.ids import CampaignId, ContentId, RevisionId
from postroad.core.revision import KeptFile, NewFile, NewRevision
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.models import Attachment, Campaign, Content, Revision

from .journal import abandon_verified_runs, journal_act

GONE = Gone("This content is not there any more: go back to the list.")


def create_content(name: str, revision: NewRevision, actor: str) -> Saved[ContentId] | Refused:
    """A new content with its revision 1."""
    with transaction.atomic(durable=True):
        content, is_new = Content.objects.get_or_create(name=name)
        if not is_new:
            return Refused({"name": f"There is a content called {name!r}: choose another name."})
        _add_revision(content, revision, actor)
    return Saved(ContentId(content.id))


def save_revision(
    content_id: ContentId, revision: NewRevision, actor: str
) -> Saved[RevisionId] | Unchanged[RevisionId] | Gone:
    """The next revision, if anything changed. Runs of it that wait for launch are abandoned."""
    with transaction.atomic(durable=True):
        content = Content.objects.select_for_update().filter(id=content_id).first()
        if content is None:
            return GONE
        last = content.revision_set.order_by("-number").first()
        if last is not None and _is_same(last, revision):
            return Unchanged(RevisionId(last.id))
        made = _add_revision(content, revision, actor)
        reason = f"The content {content.name!r} changed."
        abandoned = abandon_verified_runs(_campaigns_of(content_id), actor, reason)
    return Saved(RevisionId(made.id), abandoned)


def rename_content(
    content_id: ContentId, name: str, actor: str
) -> Saved[ContentId] | Refused | Gone:
    with transaction.atomic(durable=True):
        content = Content.objects.select_for_update().filter(id=content_id).first()
        if content is None:
            return GONE
        if Content.objects.filter(name=name).exclude(id=content_id).exists():
            return Refused({"name": f"There is a content called {name!r}: choose another name."})
        before, content.name = content.name, name
        content.save(update_fields=["name"])
        journal_act("content_renamed", actor, f"Content {before!r} is called {name!r} now.")
    return Saved(content_id)


def keep_file(file: NewFile) -> KeptFile:
    """The octets of an upload, for a revision to come."""
    with transaction.atomic(durable=True):
        attachment_id = _attachment(file.data)
    return KeptFile(attachment_id, file.name, file.media_type, file.size)


def _is_same(last: Revision, revision: NewRevision) -> bool:
    return _files(last.files) == revision.files and (
        last.subject,
        last.format,
        last.source,
        last.text_source,
        last.policies,
    ) == (
        revision.subject,
        revision.format,
        revision.source,
        revision.text_source,
        _plain(revision),
    )


def _files(kept: Iterable[dict[str, object]]) -> tuple[KeptFile, ...]:
    return tuple(KeptFile(**file) for file in kept)  # type: ignore[arg-type]


def _plain(revision: NewRevision) -> dict[str, dict[str, str]]:
    return {variable: dict(policy) for variable, policy in revision.policies.items()}


def _add_revision(content: Content, revision: NewRevision, actor: str) -> Revision:
    """The content's row is locked, so that two savers get two numbers."""
    last = content.revision_set.order_by("-number").values_list("number", flat=True).first()
    made = Revision.objects.create(
        content=content,
        number=(last or 0) + 1,
        subject=revision.subject,
        format=revision.format,
        source=revision.source,
        text_source=revision.text_source,
        policies=_plain(revision),
        files=[_stored(file) for file in revision.files],
    )
    text = f"Content {content.name!r}, revision {made.number} saved."
    detail = {"content_id": content.id, "revision_id": made.id}
    journal_act("content_saved", actor, text, detail=detail)
    return made


def _stored(file: NewFile | KeptFile) -> dict[str, object]:
    """Bytes that are stored already, from whatever revision, are not stored again."""
    attachment_id = file.attachment_id if isinstance(file, KeptFile) else _attachment(file.data)
    return {
        "attachment_id": attachment_id,
        "name": file.name,
        "media_type": file.media_type,
        "size": file.size,
    }


def _attachment(data: bytes) -> int:
    digest = hashlib.sha256(data).digest()
    Attachment.objects.bulk_create(
        [Attachment(sha256=digest, size=len(data), data=data)], ignore_conflicts=True
    )
    return Attachment.objects.values_list("id", flat=True).get(sha256=digest)


def _campaigns_of(content_id: ContentId) -> list[CampaignId]:
    campaigns = Campaign.objects.filter(content_id=content_id).order_by("id")
    return [CampaignId(campaign_id) for campaign_id in campaigns.values_list("id", flat=True)]
