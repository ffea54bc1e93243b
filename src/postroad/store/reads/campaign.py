"""Campaigns: the list, and one with what it is made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from postroad.core.campaign import CampaignFields
from postroad.core.ids import AudienceId, CampaignId, ContentId, RelayId, RevisionId, RunId
from postroad.core.lifecycle import CampaignState, DeliveryState, RunState
from postroad.core.unknown import UnknownPolicy
from postroad.store.models import Campaign, Revision, Run
from postroad.store.rows import rows


@dataclass(frozen=True, slots=True)
class LatestRun:
    id: RunId
    state: RunState
    recipients: int


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """Names are '' where nothing is chosen yet."""

    id: CampaignId
    state: CampaignState
    fields: CampaignFields
    audience_name: str
    content_name: str
    relay_name: str
    is_sandbox: bool
    latest_run: LatestRun | None
    changed_at: datetime
    is_open: bool = False
    """For single mails from outside."""

    @property
    def is_archived(self) -> bool:
        return self.state is CampaignState.ARCHIVED


def campaigns(*, with_archived: bool = False) -> list[CampaignRow]:
    """The 500 changed last, newest first; two queries."""
    found = Campaign.objects.select_related("audience", "content", "relay")
    if not with_archived:
        found = found.exclude(state=CampaignState.ARCHIVED)
    chosen = list(found.order_by("-changed_at", "-id")[:500])
    runs = _latest_runs([campaign.id for campaign in chosen])
    return [_row(campaign, runs.get(campaign.id)) for campaign in chosen]


def campaign(campaign_id: CampaignId) -> CampaignRow | None:
    found = Campaign.objects.select_related("audience", "content", "relay")
    one = found.filter(id=campaign_id).first()
    return None if one is None else _row(one, _latest_runs([one.id]).get(one.id))


def latest_revision(campaign_id: CampaignId) -> RevisionId | None:
    """The revision that Verify would pin now."""
    revisions = Revision.objects.filter(content__campaign=campaign_id).order_by("-number")
    key = revisions.values_list("id", flat=True).first()
    return None if key is None else RevisionId(key)


_TAKEN = (
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
)


@dataclass(frozen=True, slots=True)
class CampaignRun:
    """`number` counts the campaign's runs; `counts` by delivery state, from the counters."""

    id: RunId
    number: int
    state: RunState
    recipients: int
    reason: str
    created_at: datetime
    ready_at: datetime | None
    release_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]

    @property
    def can_launch(self) -> bool:
        return self.state is RunState.READY

    @property
    def waits(self) -> bool:
        """Verified or launched, and nothing has begun: it is this run that Verify leads to."""
        return self.state in (
            RunState.SELECTING,
            RunState.PREPARING,
            RunState.READY,
            RunState.SCHEDULED,
        )

    @property
    def is_preparing(self) -> bool:
        return self.state in (RunState.SELECTING, RunState.PREPARING)

    @property
    def is_scheduled(self) -> bool:
        return self.state is RunState.SCHEDULED

    @property
    def is_finished(self) -> bool:
        return self.state is RunState.FINISHED

    @property
    def is_stopped(self) -> bool:
        return self.state is RunState.STOPPED

    @property
    def prepared(self) -> int:
        """Mails whose bytes are kept and that wait."""
        return self.counts.get(DeliveryState.PREPARED, 0)

    @property
    def accepted(self) -> int:
        """All that the relay took, whatever came after."""
        return sum(self.counts.get(state, 0) for state in _TAKEN)


def runs(campaign_id: CampaignId, limit: int = 20) -> list[CampaignRun]:
    """Those of one campaign, the newest first; one query."""
    found = rows("campaign_runs", {"campaign": campaign_id, "limit": limit})
    return [
        CampaignRun(**row | {"state": RunState(row["state"]), "counts": json.loads(row["counts"])})
        for row in found
    ]


def _latest_runs(campaign_ids: list[int]) -> dict[int, LatestRun]:
    runs = Run.objects.filter(campaign_id__in=campaign_ids, submission_id=None)
    return {
        run.campaign_id: LatestRun(RunId(run.id), RunState(run.state), run.recipients)
        for run in runs.order_by("campaign_id", "-id").distinct("campaign_id")
    }


def _row(found: Campaign, latest_run: LatestRun | None) -> CampaignRow:
    return CampaignRow(
        id=CampaignId(found.id),
        state=CampaignState(found.state),
        fields=fields_of(found),
        audience_name=found.audience.name if found.audience else "",
        content_name=found.content.name if found.content else "",
        relay_name=found.relay.name if found.relay else "",
        is_sandbox=bool(found.relay and found.relay.is_sandbox),
        latest_run=latest_run,
        changed_at=found.changed_at,
        is_open=found.is_open,
    )


def fields_of(campaign: Campaign) -> CampaignFields:
    """The row as the fields that the manager filled in."""
    return CampaignFields(
        name=campaign.name,
        is_personal=campaign.is_personal,
        audience_id=None if campaign.audience_id is None else AudienceId(campaign.audience_id),
        content_id=None if campaign.content_id is None else ContentId(campaign.content_id),
        relay_id=None if campaign.relay_id is None else RelayId(campaign.relay_id),
        sender_name=campaign.sender_name,
        sender_address=campaign.sender_address,
        reply_to=campaign.reply_to,
        postal_address=campaign.postal_address,
        unknown_policy=UnknownPolicy(campaign.unknown_policy),
        resend_limit=campaign.resend_limit,
    )
