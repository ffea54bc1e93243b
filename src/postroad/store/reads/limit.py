"""What limits do now: a relay's use and pace, lanes that were asked to slow down."""

from dataclasses import dataclass
from datetime import datetime

from postroad.core.estimate import Allowance
from postroad.core.ids import CampaignId, RelayId, RunId
from postroad.core.limit import LimitKind, Limits
from postroad.store.rows import Row, row, rows


@dataclass(frozen=True, slots=True)
class RelayNow:
    """`begun`: without an outcome, over all workers. `used` and `cap`: of 24 hours.

    `ramp_day` counts the days of a warm-up. `blocked_until`: a limit is used up till then.
    """

    begun: int
    accepted_lately: int
    lately_seconds: float
    used: int
    cap: int | None
    ramp_day: int | None
    blocked_until: datetime | None

    @property
    def per_second(self) -> float:
        return round(self.accepted_lately / self.lately_seconds, 1)


@dataclass(frozen=True, slots=True)
class SlowedLane:
    """`per_minute` as it is by now, `before` what it grows back to. `reply` is the last request."""

    relay_id: RelayId
    relay: str
    lane: str
    per_minute: int
    before: int
    since: datetime
    times: int
    reply: str


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """`domains`: the first few of `domain_count`. `begun` and `used` as in RelayNow."""

    lane: str
    domains: list[str]
    domain_count: int
    is_promoted: bool
    begun: int
    used: int
    cap: int | None
    blocked_until: datetime | None
    limits: Limits


@dataclass(frozen=True, slots=True)
class LimitedCampaign:
    id: CampaignId
    name: str
    limits: Limits


def limits_of(kind: LimitKind, key: str) -> Limits:
    """As they were set; without any where they never were."""
    found = rows("limits_of", {"kind": str(kind), "key": key})
    return Limits(**found[0]) if found else Limits()


def lanes() -> list[LaneLimits]:
    """Lanes of provider groups, then those of single domains, at most 500."""
    return [_lane(found) for found in rows("limit_lanes", {"lane": None})]


def lane(name: str) -> LaneLimits | None:
    found = rows("limit_lanes", {"lane": name})
    return _lane(found[0]) if found else None


def is_lane(name: str) -> bool:
    return lane(name) is not None


def lane_of(domain: str) -> str:
    """The lane of a domain that has one by name, else `other`."""
    found = rows("lane_of", {"domain": domain})
    return str(found[0]["lane"]) if found else "other"


def limited_campaigns() -> list[LimitedCampaign]:
    """Campaigns with limits of their own, at most 100."""
    return [
        LimitedCampaign(found.pop("id"), found.pop("name"), Limits(**found))
        for found in rows("limited_campaigns")
    ]


def _lane(found: Row) -> LaneLimits:
    limits = Limits(**{name: found.pop(name) for name in Limits.__dataclass_fields__})
    return LaneLimits(**found, limits=limits)


def relay_now(relay_id: RelayId) -> RelayNow:
    return RelayNow(**row("relay_now", {"relay": relay_id}))


def slowed_lanes(relay_id: RelayId | None = None) -> list[SlowedLane]:
    """Of all relays, or of one; the newest request first."""
    return [SlowedLane(**found) for found in rows("slowed_lanes", {"relay": relay_id})]


def run_allowances(run_id: RunId) -> list[Allowance]:
    """What lets out the mails of a run that is ready: its relays, its lanes, its campaign."""
    return [_allowance(found) for found in rows("run_allowances", {"run": run_id})]


def _allowance(found: Row) -> Allowance:
    names = ("per_minute", "at_once", "per_day", "ramp_first", "ramp_percent")
    return Allowance(
        LimitKind(found["kind"]),
        found["relay"] or found["key"],
        Limits(**{name: found[name] for name in names}),
        found["used"],
        found["ramp_days"],
        None if found["mails"] is None else int(found["mails"]),
    )
