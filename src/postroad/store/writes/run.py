"""Runs: made by Verify, launched, undone, paused, resumed, stopped."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import connection, transaction

from postroad.core.campaign import PERSONAL_LIMIT, ChecklistFacts
from postroad.core.ids import AudienceVersionId, CampaignId, RevisionId, RunId
from postroad.core.launching import RetryTiming
from postroad.core.lifecycle import DeliveryState, RunState
from postroad.core.running import Changed, Launched, Pins, Stopped, VerifyStarted
from postroad.core.saved import Gone
from postroad.store.models import Campaign
from postroad.store.reads import audience as audience_reads
from postroad.store.reads import run as run_reads
from postroad.store.reads.campaign import fields_of
from postroad.store.rows import row, rows

from .campaign import activate_campaign

GONE = Gone("This run is not there any more: go back to the campaign.")
CAMPAIGN_GONE = Gone("This campaign is not there any more: go back to the list.")
CHANGED = Changed("The campaign was edited a moment ago: look at it and press Verify again.")


def read_pins(campaign_id: CampaignId) -> Pins | None:
    """What Verify would pin now; ids are 0 and texts '' where nothing is chosen.

    A campaign without a relay goes through the default one.
    """
    found = rows("verify_pins", {"campaign": campaign_id})
    return Pins(**found[0]) if found else None


def read_facts(campaign_id: CampaignId, pins: Pins, public_url: str) -> ChecklistFacts | None:
    """What the checklist judges. Executes the audience's routine to count: seconds at a million."""
    campaign = Campaign.objects.filter(id=campaign_id).first()
    if campaign is None:
        return None
    counted = audience_reads.count(AudienceVersionId(pins.audience_version_id))
    return ChecklistFacts(
        fields=fields_of(campaign, relay_id=pins.relay_id or None),
        people=None if counted is None else counted.mailable,
        has_revision=pins.revision_id > 0,
        is_sandbox=bool(row("relay_is_sandbox", {"relay": pins.relay_id})["is_sandbox"]),
        public_url=public_url,
    )


def make_run(pins: Pins, timing: RetryTiming, actor: str) -> VerifyStarted | Changed | Gone:
    """The run of exactly these pins, or the one that waits for launch already.

    Locks campaign, content and audience, so that an edit comes before, and is
    seen here, or after, and abandons the run.
    """
    policy: dict[str, object] = {
        "priority": 1 if pins.is_personal else 0,
        "max_recipients": PERSONAL_LIMIT if pins.is_personal else None,
        "backoff_seconds": list(timing.backoff_seconds),
        "give_up_seconds": timing.give_up_seconds,
    }
    with transaction.atomic(durable=True):
        if not rows("verify_lock", {"campaign": pins.campaign_id}):
            return CAMPAIGN_GONE
        if read_pins(CampaignId(pins.campaign_id)) != pins:
            return CHANGED
        made = row("make_run", {"pins": json.dumps(asdict(pins) | policy), "actor": actor})
    return VerifyStarted(RunId(made["run_id"]), made["is_new"])


Decide = Callable[[RunState, Mapping[str, int], datetime], "Decision"]
"""(state, counts, the database's now) → release time, or an outcome that refuses."""
