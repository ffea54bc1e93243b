"""Campaigns: made, edited, archived. An edit that matters abandons a verified run."""

from django.db import transaction
from django.db.models.functions import Now

from postroad.core.campaign import CampaignFields
from postroad.core.ids import CampaignId
from postroad.core.lifecycle import CampaignState, RunState
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.models import Audience, Campaign, CampaignRelay, Content, Relay, Run
from postroad.store.reads.campaign import fields_of

from .journal import abandon_verified_runs, journal_act

GONE = Gone("This campaign is not there any more: go back to the list.")


def create_campaign(fields: CampaignFields, actor: str) -> Saved[CampaignId] | Refused:
    """A draft."""
    with transaction.atomic(durable=True):
        faults = _missing(fields)
        if faults:
            return Refused(faults)
        campaign = Campaign.objects.create(**_columns(fields))
        journal_act(
            "campaign_created",
            actor,
            f"Campaign {fields.name!r} created.",
            None,
            {"campaign_id": campaign.id},
        )
    return Saved(CampaignId(campaign.id))


def edit_campaign(
    campaign_id: CampaignId, fields: CampaignFields, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """All fields as given.

    A run of it that waits for launch is abandoned, unless only the name changed.
    """
    with transaction.atomic(durable=True):
        campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
        if campaign is None:
            return GONE
        faults = _missing(fields)
        if faults:
            return Refused(faults)
        before = fields_of(campaign)
        if before == fields:
            return Unchanged(campaign_id)
        Campaign.objects.filter(id=campaign_id).update(**_columns(fields), changed_at=Now())
        if fields.relay_id != before.relay_id:
            CampaignRelay.objects.filter(campaign=campaign).delete()  # One relay for all again.
        detail = {"campaign_id": campaign_id}
        journal_act("campaign_edited", actor, f"Campaign {fields.name!r} edited.", detail=detail)
        abandoned = 0
        if fields.matters_beside(before):
            abandoned = abandon_verified_runs([campaign_id], actor, "The campaign was edited.")
    return Saved(campaign_id, abandoned)


def read_fields(campaign_id: CampaignId) -> CampaignFields | None:
    """What a copy of it begins with."""
    campaign = Campaign.objects.filter(id=campaign_id).first()
    return None if campaign is None else fields_of(campaign)


def archive_campaign(
    campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """Out of the lists. Refused while mails of it are going out."""
    with transaction.atomic(durable=True):
        campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
        if campaign is None:
            return GONE
        if campaign.state == CampaignState.ARCHIVED:
            return Unchanged(campaign_id)
        sending = (RunState.RUNNING, RunState.PAUSED, RunState.HELD)
        if Run.objects.filter(campaign_id=campaign_id, state__in=sending).exists():
            return Refused({"": "A run of this campaign is under way: stop it first."})
        abandoned = abandon_verified_runs([campaign_id], actor, "The campaign was archived.")
        _set_state(campaign, CampaignState.ARCHIVED, actor)
    return Saved(campaign_id, abandoned)


def restore_campaign(
    campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Gone:
    """Back into the lists: active when it was ever launched, else a draft."""
    with transaction.atomic(durable=True):
        campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
        if campaign is None:
            return GONE
        if campaign.state != CampaignState.ARCHIVED:
            return Unchanged(campaign_id)
        launched = Run.objects.filter(campaign_id=campaign_id, started_at__isnull=False)
        state = CampaignState.ACTIVE if launched.exists() else CampaignState.DRAFT
        _set_state(campaign, state, actor)
    return Saved(campaign_id)


def _set_state(campaign: Campaign, state: CampaignState, actor: str) -> None:
    Campaign.objects.filter(id=campaign.id).update(state=state, changed_at=Now())
    text = f"Campaign {campaign.name!r} is {state} now."
    journal_act(f"campaign_{state}", actor, text, detail={"campaign_id": campaign.id})


def set_open(
    campaign_id: CampaignId, actor: str, *, is_open: bool
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """For single mails from outside. Waits for those that are being taken at this moment."""
    with transaction.atomic(durable=True):
        campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
        if campaign is None:
            return GONE
        if campaign.is_open == is_open:
            return Unchanged(campaign_id)
        if is_open and campaign.state == CampaignState.ARCHIVED:
            return Refused({"": "The campaign is archived: restore it first."})
        Campaign.objects.filter(id=campaign_id).update(is_open=is_open, changed_at=Now())
        word = "opened" if is_open else "closed"
        text = f"Campaign {campaign.name!r} {word} for single mails."
        journal_act(f"campaign_{word}", actor, text, detail={"campaign_id": campaign_id})
    return Saved(campaign_id)


def activate_campaign(campaign_id: CampaignId) -> None:
    """Launched: a draft no longer. Call it inside the transaction of the launch."""
    Campaign.objects.filter(id=campaign_id, state=CampaignState.DRAFT).update(
        state=CampaignState.ACTIVE, changed_at=Now()
    )


def _missing(fields: CampaignFields) -> dict[str, str]:
    """What was chosen and is gone meanwhile, by field."""
    faults: dict[str, str] = {}
    chosen = (
        ("audience", Audience, fields.audience_id),
        ("content", Content, fields.content_id),
        ("relay", Relay, fields.relay_id),
    )
    for field, model, key in chosen:
        if key is not None and not model.objects.filter(id=key).exists():
            faults[field] = f"This {field} is not there any more: choose another."
    return faults


def _columns(fields: CampaignFields) -> dict[str, object]:
    return {
        "name": fields.name,
        "is_personal": fields.is_personal,
        "audience_id": fields.audience_id,
        "content_id": fields.content_id,
        "relay_id": fields.relay_id,
        "sender_name": fields.sender_name,
        "sender_address": fields.sender_address,
        "reply_to": fields.reply_to,
        "postal_address": fields.postal_address,
        "unknown_policy": fields.unknown_policy.value,
        "resend_limit": fields.resend_limit,
    }
