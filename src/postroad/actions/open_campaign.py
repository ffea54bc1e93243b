"""A campaign opened for single mails from outside, and closed again."""

from dataclasses import replace
from typing import Protocol

from postroad.actions.check_campaign import CheckStore, ContentFaults
from postroad.core.campaign import Check, Severity, checklist, single_mail_gaps
from postroad.core.ids import CampaignId, RevisionId
from postroad.core.saved import Gone, Refused, Saved, Unchanged

GONE = Gone("This campaign is not there any more: go back to the list.")


class OpenStore(Protocol):
    def set_open(
        self, campaign_id: CampaignId, actor: str, *, is_open: bool
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone: ...


def gaps_for_opening(
    store: CheckStore, content_faults: ContentFaults, public_url: str, campaign_id: CampaignId
) -> tuple[Check, ...] | None:
    """What a mail would lack now; the audience is not asked. None: there is no campaign."""
    pins = store.read_pins(campaign_id)
    if pins is None:
        return None
    facts = store.read_facts(campaign_id, replace(pins, audience_version_id=0), public_url)
    if facts is None:
        return None
    faults: tuple[Check, ...] = ()
    if pins.revision_id:
        said = content_faults(RevisionId(pins.revision_id), is_bulk=not pins.is_personal)
        faults = tuple(Check(Severity.RED, "content", fault) for fault in said)
    return (*faults, *single_mail_gaps(checklist(facts)))


def open_campaign(
    store: OpenStore, gaps: tuple[Check, ...] | None, campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """Refused while something is missing. What is missing later refuses each mail."""
    if gaps is None:
        return GONE
    if gaps:
        return Refused({gap.key: gap.text for gap in gaps})
    return store.set_open(campaign_id, actor, is_open=True)


def close_campaign(
    store: OpenStore, campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """What was taken before still goes out."""
    return store.set_open(campaign_id, actor, is_open=False)
