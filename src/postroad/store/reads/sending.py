"""How a campaign goes out, as the manager set it."""

from postroad.core.ids import CampaignId, RelayId
from postroad.core.limit import LimitKind
from postroad.core.sending import RelayShare, SendingPlan, Urgency
from postroad.store.models import Campaign, CampaignRelay

from .limit import limits_of


def plan(campaign_id: CampaignId) -> SendingPlan | None:
    """Shares by relay; None where there is no such campaign."""
    found = Campaign.objects.filter(id=campaign_id).first()
    return None if found is None else plan_of(found)


def plan_of(campaign: Campaign) -> SendingPlan:
    kept = CampaignRelay.objects.filter(campaign=campaign).order_by("relay_id")
    shares = tuple(RelayShare(RelayId(each.relay_id), each.weight) for each in kept)
    return SendingPlan(
        shares=shares,
        urgency=_URGENCY[campaign.is_urgent],
        limits=limits_of(LimitKind.CAMPAIGN, str(campaign.id)),
    )


_URGENCY = {None: Urgency.BY_KIND, True: Urgency.URGENT, False: Urgency.ORDINARY}
