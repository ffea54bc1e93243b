"""The composition of campaigns, and of a content's previews. Part of the composition root."""

from collections.abc import Collection
from dataclasses import dataclass

from postroad.actions import archive_campaign as archiving
from postroad.actions import open_campaign as opening
from postroad.actions import save_campaign
from postroad.actions.check_campaign import Checked, ContentFaults, check_campaign
from postroad.actions.copy_campaign import copy_campaign
from postroad.actions.examine_content import Examined, Fault, examine_content
from postroad.actions.plan_sending import plan_sending
from postroad.actions.preview_mail import Preview, preview_mail
from postroad.content.checks import check_content
from postroad.content.message import RevisionSpec
from postroad.content.values import OWN_NAMES
from postroad.core.campaign import CampaignFields, Check, Severity
from postroad.core.contact import RESERVED_VARIABLES
from postroad.core.ids import CampaignId
from postroad.core.mail import Recipient, Sender
from postroad.core.revision import NewRevision
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.core.sending import SendingPlan
from postroad.store.reads import campaign as campaign_reads
from postroad.store.reads import contact as contact_reads
from postroad.store.reads import preview as preview_reads
from postroad.store.reads import sending as sending_reads
from postroad.store.reads import single_mail as single_mail_reads
from postroad.store.reads.content import RevisionDetail
from postroad.store.writes import campaign as campaign_writes
from postroad.store.writes import run as run_writes
from postroad.store.writes import sending as sending_writes
from postroad.wiring.revisions import spec_of_draft, without_octets

SAMPLE_SENDER = Sender("You", "you@example.org", "", "Your postal address")
"""Whom a content is from until a campaign says so."""
SAMPLE_UNSUBSCRIBE = "https://mail.example.org/p/example/unsubscribe"


class Campaigns:
    all = staticmethod(campaign_reads.campaigns)
    get = staticmethod(campaign_reads.campaign)
    runs = staticmethod(campaign_reads.runs)
    sending = staticmethod(sending_reads.plan)
    single_mails = staticmethod(single_mail_reads.page)

    def __init__(self, content_faults: ContentFaults) -> None:
        self._content_faults = content_faults

    def create(self, fields: CampaignFields, actor: str) -> Saved[CampaignId] | Refused:
        return save_campaign.create_campaign(campaign_writes, fields, actor)

    def edit(
        self, campaign_id: CampaignId, fields: CampaignFields, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
        return save_campaign.edit_campaign(campaign_writes, campaign_id, fields, actor)

    def archive(
        self, campaign_id: CampaignId, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
        return archiving.archive_campaign(campaign_writes, campaign_id, actor)

    def restore(
        self, campaign_id: CampaignId, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Gone:
        return archiving.restore_campaign(campaign_writes, campaign_id, actor)

    def copy(self, campaign_id: CampaignId, actor: str) -> Saved[CampaignId] | Refused | Gone:
        """As a draft of its own."""
        return copy_campaign(campaign_writes, sending_writes, campaign_id, actor)

    def plan(
        self, campaign_id: CampaignId, plan: SendingPlan, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
        """How it goes out: relays with shares, urgency, its own limits."""
        return plan_sending(sending_writes, campaign_id, plan, actor)

    def gaps(self, campaign_id: CampaignId, public_url: str) -> tuple[Check, ...] | None:
        """What keeps it from being open for single mails."""
        return opening.gaps_for_opening(run_writes, self._content_faults, public_url, campaign_id)

    def open(
        self, campaign_id: CampaignId, public_url: str, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
        gaps = self.gaps(campaign_id, public_url)
        return opening.open_campaign(campaign_writes, gaps, campaign_id, actor)

    def close(
        self, campaign_id: CampaignId, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
        return opening.close_campaign(campaign_writes, campaign_id, actor)

    def check(self, campaign_id: CampaignId, public_url: str) -> Checked | None:
        """The checklist now. Counts the audience: a second or two at a million."""
        return check_campaign(run_writes, self._content_faults, public_url, campaign_id)


PreviewPerson = preview_reads.PreviewPerson


@dataclass(frozen=True, slots=True)
class Setting:
    """Whom a preview is from, and of which kind its campaign is."""

    sender: Sender = SAMPLE_SENDER
    is_bulk: bool = True


class Drafts:
    """A content while it is written, and as a person would get it."""

    Edge = preview_reads.Edge
    person = staticmethod(preview_reads.person)
    edge = staticmethod(preview_reads.edge)

    def examine(self, draft: NewRevision) -> Examined:
        return examine_content(without_octets(spec_of_draft(draft)), self.known_names())

    def known_names(self) -> Collection[str]:
        """Variables that every mail has, or that somebody among the newest contacts has."""
        return {*OWN_NAMES, *RESERVED_VARIABLES, *contact_reads.attribute_names()}

    def submitted_names(self, revision: RevisionDetail) -> list[str]:
        """Variables that whoever submits a single mail must fill, in the order of their use."""
        used = self.examine(draft_of(revision)).variables
        return [variable.name for variable in used if variable.name not in OWN_NAMES]

    def checks(self, revision: RevisionDetail, *, is_bulk: bool) -> list[Check]:
        """What can be said of a saved revision without a recipient."""
        found = check_content(_spec(revision), is_bulk=is_bulk)
        return [Check(Severity(each.severity), each.name, each.text) for each in found]

    def notes(self, revision: RevisionDetail, *, is_bulk: bool) -> list[Check]:
        """What blocks nothing and is still to be read, unknown variables among it."""
        checks = self.checks(revision, is_bulk=is_bulk)
        unknown = [
            Check(Severity.YELLOW, "content", f"{_place(fault)}: {fault.text}")
            for fault in self.examine(draft_of(revision)).faults
            if not fault.is_blocking
        ]
        rest = [check for check in checks if check.severity is not Severity.RED]
        return [*unknown, *(Check(check.severity, "content", check.text) for check in rest)]

    def preview(self, revision: RevisionDetail, person: PreviewPerson, setting: Setting) -> Preview:
        """The mail of one contact; nothing is kept."""
        recipient = Recipient(
            n=1,
            address=person.address,
            name=person.name,
            data=person.data,
            message_id="preview@postroad.invalid",
            unsubscribe_url=SAMPLE_UNSUBSCRIBE if setting.is_bulk else "",
        )
        sizes = tuple(file.size for file in revision.files)
        return preview_mail(_spec(revision), sizes, setting.sender, recipient)


def _place(fault: Fault) -> str:
    return f"{fault.part.capitalize()}, line {fault.line}, column {fault.column}"


def draft_of(revision: RevisionDetail) -> NewRevision:
    """A saved revision as the form begins with it."""
    return NewRevision(
        revision.subject,
        revision.format,
        revision.source,
        revision.text_source,
        revision.policies,
        revision.files,
    )


def setting_of(fields: CampaignFields) -> Setting:
    """The sender of a campaign; where it has none yet, the sample's address."""
    sender = Sender(
        fields.sender_name,
        fields.sender_address or SAMPLE_SENDER.address,
        fields.reply_to,
        fields.postal_address,
    )
    return Setting(sender, is_bulk=not fields.is_personal)


def _spec(revision: RevisionDetail) -> RevisionSpec:
    return spec_of_draft(draft_of(revision))
