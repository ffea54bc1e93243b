"""A campaign out of the lists, and back into them."""

from typing import Protocol

from postroad.core.ids import CampaignId
from postroad.core.saved import Gone, Refused, Saved, Unchanged


class ArchiveStore(Protocol):
    def archive_campaign(
        self, campaign_id: CampaignId, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone: ...

    def restore_campaign(
        self, campaign_id: CampaignId, actor: str
    ) -> Saved[CampaignId] | Unchanged[CampaignId] | Gone: ...


def archive_campaign(
    store: ArchiveStore, campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone:
    """Refused while mails of it are going out; a run that waits for launch is abandoned."""
    return store.archive_campaign(campaign_id, actor)


def restore_campaign(
    store: ArchiveStore, campaign_id: CampaignId, actor: str
) -> Saved[CampaignId] | Unchanged[CampaignId] | Gone:
    """The undo of archiving."""
    return store.restore_campaign(campaign_id, actor)
