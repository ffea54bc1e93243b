"""The checklist of a campaign: what blocks Verify, what is to be read, what informs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.campaign import Check, ChecklistFacts, Severity, checklist
from postroad.core.ids import CampaignId, RevisionId
from postroad.core.running import Pins


class ContentFaults(Protocol):
    def __call__(self, revision_id: RevisionId, *, is_bulk: bool) -> Sequence[str]:
        """Compiles a revision; what blocks it, with line and column. Empty when nothing does."""
        ...


class CheckStore(Protocol):
    def read_pins(self, campaign_id: CampaignId) -> Pins | None: ...

    def read_facts(
        self, campaign_id: CampaignId, pins: Pins, public_url: str
    ) -> ChecklistFacts | None: ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What Verify would pin now, and what is to be said about it, red first."""

    pins: Pins
    facts: ChecklistFacts
    checks: tuple[Check, ...]

    @property
    def red(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.severity is Severity.RED)


def check_campaign(
    store: CheckStore, content_faults: ContentFaults, public_url: str, campaign_id: CampaignId
) -> Checked | None:
    """Executes the audience's routine and compiles the content. None: there is no campaign."""
    pins = store.read_pins(campaign_id)
    facts = store.read_facts(campaign_id, pins, public_url) if pins else None
    if pins is None or facts is None:
        return None
    checks = checklist(facts)
    if pins.revision_id:
        faults = content_faults(RevisionId(pins.revision_id), is_bulk=not pins.is_personal)
        checks = [Check(Severity.RED, "content", fault) for fault in faults] + checks
    return Checked(pins, facts, tuple(checks))
