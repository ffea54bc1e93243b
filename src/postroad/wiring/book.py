"""The composition of what a campaign is made of: people, audiences, contents, relays.

Part of the composition root; `app` hands these groups out. Like it, import it
after `web.django_settings.configure`.
"""

from collections.abc import Mapping, Sequence
from typing import BinaryIO, TextIO
from zoneinfo import available_timezones

from postroad.actions import add_contacts as adding
from postroad.actions import delete_contacts as deleting
from postroad.actions import deploy_audience as deploying
from postroad.actions import edit_contact as editing
from postroad.actions import import_contacts as importing
from postroad.actions import save_content, save_relay
from postroad.actions import tag_contacts as tagging
from postroad.actions import use_relay as using
from postroad.actions.keep_files import keep_files
from postroad.content import source
from postroad.content.fault import TemplateFault
from postroad.content.message import compile_revision
from postroad.core.audience import Definition
from postroad.core.contact import DeletedContacts
from postroad.core.ids import (
    AudienceId,
    AudienceVersionId,
    ContactId,
    ContentId,
    RelayId,
    RevisionId,
)
from postroad.core.mail import RelayTarget
from postroad.core.relay import RelayFields
from postroad.core.relay_check import RelayAnswers, RelayFault
from postroad.core.revision import KeptFile, NewFile, NewRevision
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.loading import PASSWORD_PURPOSE
from postroad.store.reads import audience as audience_reads
from postroad.store.reads import audience_people
from postroad.store.reads import contact as contact_reads
from postroad.store.reads import content as content_reads
from postroad.store.reads import limit as limit_reads
from postroad.store.reads import relay as relay_reads
from postroad.store.reads import relay_health as relay_health_reads
from postroad.store.secrets import Key, decrypt, encrypt
from postroad.store.writes import audience as audience_writes
from postroad.store.writes import contact as contact_writes
from postroad.store.writes import content as content_writes
from postroad.store.writes import relay as relay_writes
from postroad.store.writes import relay_health as relay_health_writes
from postroad.wiring.relay_check import check_relay
from postroad.wiring.revisions import spec_of_draft, without_octets

KNOWN_ZONES = frozenset(available_timezones())


class Contacts:
    """The book of people."""

    page = staticmethod(contact_reads.page)
    detail = staticmethod(contact_reads.detail)
    tags = staticmethod(contact_reads.tags)
    attribute_names = staticmethod(contact_reads.attribute_names)

    def add(self, text: str, tags: Sequence[str], actor: str) -> adding.Added | Refused:
        """People from the paste box."""
        return adding.add_contacts(contact_writes, text, tags, actor)

    def import_file(
        self, file: BinaryIO, bad_file: TextIO, tags: Sequence[str], actor: str
    ) -> importing.Imported | Refused:
        return importing.import_contacts(contact_writes, file, bad_file, KNOWN_ZONES, tags, actor)

    def create(self, form: editing.ContactForm, actor: str) -> Saved[ContactId] | Refused:
        """One person from the form."""
        return editing.add_contact(contact_writes, form, KNOWN_ZONES, actor)

    def edit(
        self, contact_id: ContactId, form: editing.ContactForm, actor: str
    ) -> Saved[ContactId] | Refused | Gone:
        return editing.edit_contact(contact_writes, contact_id, form, KNOWN_ZONES, actor)

    def delete(self, contact_ids: Sequence[ContactId], actor: str) -> DeletedContacts | Refused:
        return deleting.delete_contacts(contact_writes, contact_ids, actor)

    def restore(self, deleted: DeletedContacts, actor: str) -> int:
        return deleting.restore_contacts(contact_writes, deleted, actor)

    def tag(
        self, contact_ids: Sequence[ContactId], tag: str, actor: str
    ) -> tagging.Tagged | Refused:
        return tagging.tag_contacts(contact_writes, contact_ids, tag, actor)

    def untag(
        self, contact_ids: Sequence[ContactId], tag: str, actor: str
    ) -> tagging.Tagged | Refused:
        return tagging.untag_contacts(contact_writes, contact_ids, tag, actor)


class Audiences:
    all = staticmethod(audience_reads.audiences)
    get = staticmethod(audience_reads.audience)
    count = staticmethod(audience_reads.count)
    sample = staticmethod(audience_people.sample)
    membership = staticmethod(audience_people.membership)

    def create(self, name: str, definition: Definition, actor: str) -> Saved[AudienceId] | Refused:
        return deploying.create_audience(audience_writes, name, definition, actor)

    def deploy(
        self, audience_id: AudienceId, definition: Definition, actor: str
    ) -> Saved[AudienceVersionId] | Unchanged[AudienceVersionId] | Refused | Gone:
        """The next version beside the earlier ones."""
        return deploying.deploy_audience(audience_writes, audience_id, definition, actor)

    def rename(
        self, audience_id: AudienceId, name: str, actor: str
    ) -> Saved[AudienceId] | Refused | Gone:
        return deploying.rename_audience(audience_writes, audience_id, name, actor)


class Contents:
    all = staticmethod(content_reads.contents)
    latest = staticmethod(content_reads.latest)
    revision = staticmethod(content_reads.revision)
    numbered = staticmethod(content_reads.numbered)
    revisions = staticmethod(content_reads.revisions)
    kept_files = staticmethod(content_reads.kept_files)
    file_data = staticmethod(content_reads.file_data)
    read_source = staticmethod(source.import_source)

    def create(self, name: str, revision: NewRevision, actor: str) -> Saved[ContentId] | Refused:
        return save_content.create_content(content_writes, template_faults, name, revision, actor)

    def save(
        self, content_id: ContentId, revision: NewRevision, actor: str
    ) -> Saved[RevisionId] | Unchanged[RevisionId] | Refused | Gone:
        return save_content.save_revision(
            content_writes, template_faults, content_id, revision, actor
        )

    def rename(
        self, content_id: ContentId, name: str, actor: str
    ) -> Saved[ContentId] | Refused | Gone:
        return save_content.rename_content(content_writes, content_id, name, actor)

    def keep_files(
        self, kept: Sequence[KeptFile], new: Sequence[NewFile]
    ) -> tuple[KeptFile, ...] | Refused:
        """Uploads into the store, for a revision that is yet to be saved."""
        return keep_files(content_writes, kept, new)


def template_faults(revision: NewRevision) -> Mapping[str, str]:
    """Field of the form → what is wrong with its template, with line and column."""
    compiled = compile_revision(without_octets(spec_of_draft(revision)))
    faults: dict[str, str] = {}
    if isinstance(compiled, list):
        for fault in compiled:
            faults.setdefault(_FIELD_OF.get(fault.part, "source"), placed(fault))
    return faults


_FIELD_OF = {"subject": "subject", "body": "source", "text": "text_source", "files": "files"}


def placed(fault: TemplateFault) -> str:
    place = f", line {fault.line}, column {fault.column}" if fault.line else ""
    return f"{fault.part.capitalize()}{place}: {fault.text}"


class Relays:
    """Passwords are sealed with a key that lies outside the database."""

    all = staticmethod(relay_reads.relays)
    get = staticmethod(relay_reads.relay)
    default = staticmethod(relay_reads.default)
    put_sandbox = staticmethod(relay_writes.put_sandbox)
    fault_for_person = staticmethod(relay_reads.fault_for_person)
    stops = staticmethod(relay_health_reads.stops)
    now = staticmethod(limit_reads.relay_now)
    slowed_lanes = staticmethod(limit_reads.slowed_lanes)

    def __init__(self, key: Key) -> None:
        self._key = key

    def create(self, fields: RelayFields, actor: str) -> Saved[RelayId] | Refused:
        return save_relay.create_relay(relay_writes, self._seal, fields, actor)

    def edit(
        self, relay_id: RelayId, fields: RelayFields, actor: str
    ) -> Saved[RelayId] | Refused | Gone:
        return save_relay.edit_relay(relay_writes, self._seal, relay_id, fields, actor)

    def make_default(self, relay_id: RelayId, actor: str) -> Saved[RelayId] | Gone:
        return save_relay.make_default_relay(relay_writes, relay_id, actor)

    def delete(self, relay_id: RelayId, actor: str) -> Saved[RelayId] | Refused | Gone:
        return save_relay.delete_relay(relay_writes, relay_id, actor)

    def use_again(self, relay_id: RelayId, actor: str) -> using.InUse:
        return using.use_relay(relay_health_writes, relay_id, actor)

    def check(self, relay_id: RelayId) -> RelayAnswers | RelayFault | None:
        """Signs in as the engine would, within half a minute. None where there is no relay."""
        target = self.target(relay_id)
        return None if target is None else check_relay(target)

    def target(self, relay_id: RelayId) -> RelayTarget | None:
        """With the password in clear: for a session, never for a page."""
        return relay_reads.target(relay_id, self._unseal)

    def _seal(self, password: str) -> bytes:
        return encrypt(self._key, PASSWORD_PURPOSE, password)

    def _unseal(self, sealed: bytes) -> str:
        return decrypt(self._key, PASSWORD_PURPOSE, sealed)
