"""Verify: the first half of a run. Selects, freezes and prepares everybody, and keeps the bytes."""

from collections.abc import Sequence
from typing import Protocol

from postroad.core.campaign import Check, ChecklistFacts, Severity, checklist
from postroad.core.ids import CampaignId, RevisionId
from postroad.core.launching import REAL_TIMING, SANDBOX_TIMING, RetryTiming
from postroad.core.running import Blocked, Changed, Pins, VerifyOutcome, VerifyStarted
from postroad.core.saved import Gone


class ContentFaults(Protocol):
    def __call__(self, revision_id: RevisionId, *, is_bulk: bool) -> Sequence[str]:
        """Compiles a revision; what blocks it, with line and column. Empty when nothing does."""
        ...


GONE = Gone("This campaign is not there any more: go back to the list.")


class VerifyStore(Protocol):
    def read_pins(self, campaign_id: CampaignId) -> Pins | None: ...

    def read_facts(
        self, campaign_id: CampaignId, pins: Pins, public_url: str
    ) -> ChecklistFacts | None: ...

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
    pins = store.read_pins(campaign_id)
    facts = store.read_facts(campaign_id, pins, public_url) if pins else None
    if pins is None or facts is None:
        return GONE
    checks = checklist(facts)
    if pins.revision_id:
        faults = content_faults(RevisionId(pins.revision_id), is_bulk=not pins.is_personal)
        checks = _of_content(faults) + checks
    if any(check.severity is Severity.RED for check in checks):
        return Blocked(tuple(checks))
    timing = sandbox if facts.is_sandbox else real
    return store.make_run(pins, timing, public_url, actor)


def _of_content(faults: Sequence[str]) -> list[Check]:
    return [Check(Severity.RED, "content", fault) for fault in faults]
