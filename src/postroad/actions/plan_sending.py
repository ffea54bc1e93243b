"""How a campaign goes out: its relays with their shares, its urgency, its own limits."""

from collections.abc import Collection
from typing import Protocol

from postroad.core.ids import CampaignId, RelayId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.core.sending import SendingPlan, plan_faults


class SendingStore(Protocol):
    def sandboxes(self) -> Collection[RelayId]: ...

    def write_plan(
        self, campaign_id: CampaignId, plan: SendingPlan, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone: ...


def plan_sending(
    store: SendingStore, campaign_id: CampaignId, plan: SendingPlan, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """Limits hold at once, for runs under way too; relays and urgency are pinned by Verify.

    A change of these abandons a run that waits for launch.
    """
    faults = plan_faults(plan, store.sandboxes())
    return Refused(faults) if faults else store.write_plan(campaign_id, plan, actor)
