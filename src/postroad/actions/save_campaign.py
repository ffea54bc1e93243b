"""A campaign: made, edited."""

from dataclasses import replace
from typing import Protocol

from postroad.core.address import Address, parse_address
from postroad.core.campaign import CampaignFields, field_faults
from postroad.core.ids import CampaignId
from postroad.core.saved import Gone, Refused, Saved, Unchanged


class CampaignStore(Protocol):
    def create_campaign(
        self, fields: CampaignFields, actor: str
    ) -> Saved[CampaignId] | Refused: ...

    def edit_campaign(
        self, campaign_id: CampaignId, fields: CampaignFields, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone: ...


def create_campaign(
    store: CampaignStore, fields: CampaignFields, actor: str
) -> Saved[CampaignId] | Refused:
    """A draft; gaps are allowed until Verify."""
    faults = field_faults(fields)
    return Refused(faults) if faults else store.create_campaign(_tidy(fields), actor)


def edit_campaign(
    store: CampaignStore, campaign_id: CampaignId, fields: CampaignFields, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """An edit that changes the mails abandons a run that waits for launch."""
    faults = field_faults(fields)
    return Refused(faults) if faults else store.edit_campaign(campaign_id, _tidy(fields), actor)


def _tidy(fields: CampaignFields) -> CampaignFields:
    return replace(
        fields,
        name=fields.name.strip(),
        sender_name=fields.sender_name.strip(),
        sender_address=_address(fields.sender_address),
        reply_to=_address(fields.reply_to),
        postal_address="\n".join(line.strip() for line in fields.postal_address.splitlines()),
    )


def _address(text: str) -> str:
    parsed = parse_address(text)
    return parsed.address if isinstance(parsed, Address) else ""
