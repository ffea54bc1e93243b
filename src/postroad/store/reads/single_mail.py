"""Single mails that outsiders submitted for a campaign, newest first."""

from dataclasses import dataclass
from datetime import datetime

from postroad.core.ids import CampaignId, RunId
from postroad.core.lifecycle import RunState
from postroad.store.rows import row, rows

from .keyset import COUNTED, Page, decode, page_of

PAGE_SIZE = 50
_NEWEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SingleMail:
    """`key` is the sender's id of it. `delivery_state` None: it was never selected, or not yet."""

    id: int
    key: str
    address: str
    name: str
    at: datetime
    run_id: RunId
    run_state: RunState
    reason: str
    delivery_state: str | None

    @property
    def waits_for_a_person(self) -> bool:
        return self.run_state is RunState.HELD

    @property
    def state(self) -> str:
        """That of the mail; of its run where that says more."""
        if self.waits_for_a_person or self.delivery_state is None:
            return self.run_state
        return self.delivery_state


SingleMails = Page[SingleMail]


def page(campaign_id: CampaignId, cursor: str | None = None, size: int = PAGE_SIZE) -> SingleMails:
    """Two queries. `total_estimate` counts no further than COUNTED + 1."""
    place = decode(cursor, (int,))
    name = "single_mails_back" if place and place.is_back else "single_mails"
    key = min(int(place.key[0]), _NEWEST) if place else _NEWEST
    found = [
        SingleMail(**each | {"run_state": RunState(each["run_state"])})
        for each in rows(name, {"campaign": campaign_id, "key": key, "limit": size + 1})
    ]
    counted = row("single_mail_count", {"campaign": campaign_id, "limit": COUNTED + 1})
    return page_of(found, size, place, lambda mail: (mail.id,), counted["total"])
