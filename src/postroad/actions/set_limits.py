"""The limits of a lane, and a lane of its own for a domain."""

from typing import Protocol

from postroad.core.address import Address, parse_address
from postroad.core.limit import Limits, limit_faults
from postroad.core.saved import Gone, Refused, Saved, Unchanged

NO_DOMAIN = "This is no domain: write it like example.org."


class LaneStore(Protocol):
    def set_lane_limits(
        self, lane: str, limits: Limits, actor: str
    ) -> Saved[str] | Unchanged[str] | Gone: ...

    def limit_domain(self, domain: str, limits: Limits, actor: str) -> Saved[str] | Refused: ...


def set_lane_limits(
    store: LaneStore, lane: str, limits: Limits, actor: str
) -> Saved[str] | Unchanged[str] | Refused | Gone:
    """They hold at once, for runs under way too."""
    faults = dict(limit_faults(limits))
    return Refused(faults) if faults else store.set_lane_limits(lane, limits, actor)


def limit_domain(store: LaneStore, domain: str, limits: Limits, actor: str) -> Saved[str] | Refused:
    """A domain with a limit has a lane of its own; its waiting mails move there."""
    parsed = parse_address(f"a@{domain.strip().lstrip('@')}")
    faults = dict(limit_faults(limits))
    if not isinstance(parsed, Address):
        faults["domain"] = NO_DOMAIN
    elif limits == Limits():
        faults[""] = "A lane of its own is for a limit: write at least one."
    if faults or not isinstance(parsed, Address):
        return Refused(faults)
    return store.limit_domain(parsed.key.rpartition("@")[2], limits, actor)
