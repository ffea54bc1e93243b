"""A copy of a campaign as a draft: everything chosen, nothing launched."""

from dataclasses import replace
from typing import Protocol

from postroad.core.campaign import CampaignFields
from postroad.core.contact import MAX_TEXT
from postroad.core.ids import CampaignId
from postroad.core.saved import Gone, Refused, Saved

GONE = Gone("This campaign is not there any more: go back to the list.")
_COPY = " (copy)"


class CopyStore(Protocol):
    def read_fields(self, campaign_id: CampaignId) -> CampaignFields | None: ...

    def create_campaign(
        self, fields: CampaignFields, actor: str
    ) -> Saved[CampaignId] | Refused: ...


class PlanStore(Protocol):
    def copy_plan(self, campaign_id: CampaignId, into: CampaignId, actor: str) -> None: ...


def copy_campaign(
    store: CopyStore, plans: PlanStore, campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Refused | Gone:
    fields = store.read_fields(campaign_id)
    if fields is None:
        return GONE
    name = fields.name[: MAX_TEXT - len(_COPY)] + _COPY
    made = store.create_campaign(replace(fields, name=name), actor)
    if isinstance(made, Saved):
        plans.copy_plan(campaign_id, made.id, actor)
    return made
