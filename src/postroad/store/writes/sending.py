"""How a campaign goes out. Relays and urgency are pinned by Verify, limits hold at once."""

from dataclasses import asdict

from django.db import transaction
from django.db.models.functions import Now

from postroad.core.ids import CampaignId, RelayId
from postroad.core.limit import LimitKind
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.core.sending import SendingPlan, Urgency
from postroad.store.models import Campaign, CampaignRelay, Relay
from postroad.store.reads.sending import plan_of

from .campaign import GONE
from .journal import abandon_verified_runs, journal_act
from .limit import put_limits

_KEPT = {Urgency.BY_KIND: None, Urgency.URGENT: True, Urgency.ORDINARY: False}


def sandboxes() -> frozenset[RelayId]:
    found = Relay.objects.filter(is_sandbox=True).values_list("id", flat=True)
    return frozenset(RelayId(key) for key in found)


def write_plan(
    campaign_id: CampaignId, plan: SendingPlan, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    with transaction.atomic(durable=True):
        campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
        if campaign is None:
            return GONE
        faults = _missing(plan)
        if faults:
            return Refused(faults)
        before = plan_of(campaign)
        if plan == before:
            return Unchanged(campaign_id)
        _put(campaign, plan)
        if plan.limits != before.limits:
            put_limits(LimitKind.CAMPAIGN, str(campaign_id), plan.limits)
        text = f"How campaign {campaign.name!r} goes out was changed."
        detail = {"campaign_id": campaign_id} | asdict(plan)
        journal_act("campaign_sending_changed", actor, text, detail=detail)
        abandoned = 0
        if (plan.shares, plan.urgency) != (before.shares, before.urgency):
            why = "How the campaign goes out was changed."
            abandoned = abandon_verified_runs([campaign_id], actor, why)
    return Saved(campaign_id, abandoned)


def copy_plan(campaign_id: CampaignId, into: CampaignId, actor: str) -> None:
    """For a campaign that was made as a copy. Limits are the original's own and stay there."""
    campaign = Campaign.objects.filter(id=campaign_id).first()
    if campaign is not None:
        plan = plan_of(campaign)
        write_plan(into, SendingPlan(plan.shares, plan.urgency), actor)


def _missing(plan: SendingPlan) -> dict[str, str]:
    chosen = {share.relay_id for share in plan.shares}
    # Locked, so that a relay cannot be deleted before it is named here.
    there = Relay.objects.select_for_update(no_key=True).filter(id__in=chosen)
    gone = chosen - set(there.values_list("id", flat=True))
    return {"": "A relay is not there any more: look at the shares again."} if gone else {}


def _put(campaign: Campaign, plan: SendingPlan) -> None:
    CampaignRelay.objects.filter(campaign=campaign).delete()
    CampaignRelay.objects.bulk_create(
        CampaignRelay(campaign=campaign, relay_id=share.relay_id, weight=share.weight)
        for share in plan.shares
    )
    chosen = plan.first_relay or campaign.relay_id
    Campaign.objects.filter(id=campaign.id).update(
        relay_id=chosen, is_urgent=_KEPT[plan.urgency], changed_at=Now()
    )
