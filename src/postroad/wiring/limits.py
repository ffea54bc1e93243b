"""The composition of limits. Part of the composition root."""

from postroad.actions import set_limits
from postroad.core.limit import Limits as LimitFields
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.reads import limit as limit_reads
from postroad.store.writes import limit as limit_writes


class Limits:
    """Of lanes, and what is limited or slowed down at all."""

    allowances = staticmethod(limit_reads.run_allowances)
    lanes = staticmethod(limit_reads.lanes)
    lane = staticmethod(limit_reads.lane)
    slowed_lanes = staticmethod(limit_reads.slowed_lanes)
    campaigns = staticmethod(limit_reads.limited_campaigns)

    def set_lane(
        self, lane: str, limits: LimitFields, actor: str
    ) -> Saved[str] | Unchanged[str] | Refused | Gone:
        return set_limits.set_lane_limits(limit_writes, lane, limits, actor)

    def limit_domain(self, domain: str, limits: LimitFields, actor: str) -> Saved[str] | Refused:
        """Which has a lane of its own from then on."""
        return set_limits.limit_domain(limit_writes, domain, limits, actor)
