"""Verify: the first half of a run. Selects, freezes and prepares everybody, and keeps the bytes."""

from typing import Protocol

from postroad.actions.check_campaign import CheckStore, ContentFaults, check_campaign
from postroad.core.ids import CampaignId
from postroad.core.launching import REAL_TIMING, SANDBOX_TIMING, RetryTiming
from postroad.core.running import Blocked, Changed, Pins, VerifyOutcome, VerifyStarted
from postroad.core.saved import Gone

GONE = Gone("This campaign is not there any more: go back to the list.")


class VerifyStore(CheckStore, Protocol):
    def make_run(
        self, pins: Pins, timing: RetryTiming, public_url: str, actor: str
    ) -> VerifyStarted | Changed | Gone: ...


def verify_campaign(
    store: VerifyStore,
    content_faults: ContentFaults,
    public_url: str,
    campaign_id: CampaignId,
    actor: str,
    *,
    real: RetryTiming = REAL_TIMING,
    sandbox: RetryTiming = SANDBOX_TIMING,
) -> VerifyOutcome:
    """Makes the run, unless something red blocks it. Pressed twice it is one run.

    The checks are made outside of a transaction: counting an audience and
    compiling a content take time. What changed meanwhile is `Changed`.
    """
    checked = check_campaign(store, content_faults, public_url, campaign_id)
    if checked is None:
        return GONE
    if checked.red:
        return Blocked(checked.checks)
    timing = sandbox if checked.facts.is_sandbox else real
    return store.make_run(checked.pins, timing, public_url, actor)
