"""The kinds of journal rows, in groups, as a person looks for them."""

from collections.abc import Mapping
from typing import Final

from postroad.core.lifecycle import FACT_RULES

MAILS: Final = "What happened to mails"
KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    MAILS: tuple(FACT_RULES),
    "Runs": (
        "verify",
        "ready",
        "launched",
        "launch_undone",
        "released",
        "paused",
        "resumed",
        "held",
        "stopped",
        "finished",
        "alarm",
        "alarm_over",
    ),
    "From outside": ("submitted", "requeue_ignored", "message_refused"),
    "Queues": ("queue_purged",),
    "Decisions": ("requeued", "discarded", "discard_undone", "left_to_person"),
    "Workers and relays": ("reaped", "drain", "rest_ended", "relay_stopped", "relay_started"),
    "Lanes": ("lane_promoted", "slowed_down", "slow_down_ended"),
    "The database": ("restored", "retention"),
    "People": (
        "contacts_entered",
        "contact_added",
        "contact_edited",
        "contacts_tagged",
        "contacts_untagged",
        "contacts_deleted",
        "contacts_restored",
        "addresses_suppressed",
        "address_released",
        "unsubscribed",
    ),
    "Campaigns, audiences, content, settings": (
        "campaign_created",
        "campaign_edited",
        "campaign_sending_changed",
        "campaign_opened",
        "campaign_closed",
        "audience_deployed",
        "audience_renamed",
        "content_saved",
        "content_renamed",
        "relay_created",
        "relay_edited",
        "relay_deleted",
        "relay_made_default",
        "source_created",
        "source_edited",
        "source_mapped",
        "source_broke",
        "source_deleted",
        "limits_changed",
        "settings_changed",
    ),
}
"""Group → kinds, in the order of the filter. A kind that is missing here is shown all the same."""

ACTORS: Final = ("manager", "program", "worker", "recipient", "outside", "policy", "look-up")


def words_of(kind: str) -> str:
    """'relay_stopped' → 'relay stopped'."""
    return kind.replace("_", " ")
