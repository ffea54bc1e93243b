"""How a campaign goes out: through which relays, how urgent, within which limits."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from .ids import RelayId
from .limit import Limits, limit_faults

MOST_SHARES = 1_000


class Urgency(StrEnum):
    """`BY_KIND`: personal campaigns are urgent, bulk ones are not."""

    BY_KIND = "by_kind"
    URGENT = "urgent"
    ORDINARY = "ordinary"

    def is_urgent(self, *, is_personal: bool) -> bool:
        return is_personal if self is Urgency.BY_KIND else self is Urgency.URGENT


@dataclass(frozen=True, slots=True)
class RelayShare:
    """A relay gets as much as its weight is of the sum; 0 is a reserve."""

    relay_id: RelayId
    weight: int


@dataclass(frozen=True, slots=True)
class SendingPlan:
    """`shares` empty: all goes through the campaign's one relay, or the default."""

    shares: tuple[RelayShare, ...] = ()
    urgency: Urgency = Urgency.BY_KIND
    limits: Limits = field(default_factory=Limits)

    @property
    def first_relay(self) -> RelayId | None:
        """The one with the greatest share, which stands for all where one name must do."""
        if not self.shares:
            return None
        return max(self.shares, key=lambda each: (each.weight, -each.relay_id)).relay_id


def share_field(relay_id: RelayId) -> str:
    """What the share of a relay is called in a form."""
    return f"share-{relay_id}"


def plan_faults(plan: SendingPlan, sandboxes: Collection[RelayId]) -> dict[str, str]:
    """Field → what is wrong, ending with what to do."""
    return dict([*_share_faults(plan.shares, sandboxes), *limit_faults(plan.limits)])


def _share_faults(
    shares: tuple[RelayShare, ...], sandboxes: Collection[RelayId]
) -> Iterator[tuple[str, str]]:
    for share in shares:
        if not 0 <= share.weight <= MOST_SHARES:
            yield (
                share_field(share.relay_id),
                "A share is a number from 0 to 1,000: 0 is a reserve.",
            )
    if shares and not any(share.weight > 0 for share in shares):
        yield "", "Every relay is a reserve: give at least one of them a share above 0."
    if len(shares) > 1 and any(share.relay_id in sandboxes for share in shares):
        yield "", "The sandbox keeps what it gets: leave its share empty, or those of all others."
