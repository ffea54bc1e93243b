"""What limits do now: a relay's use and pace, lanes that were asked to slow down."""

from dataclasses import dataclass
from datetime import datetime

from postroad.core.ids import RelayId
from postroad.store.rows import row, rows


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


def relay_now(relay_id: RelayId) -> RelayNow:
    return RelayNow(**row("relay_now", {"relay": relay_id}))


def slowed_lanes(relay_id: RelayId | None = None) -> list[SlowedLane]:
    """Of all relays, or of one; the newest request first."""
    return [SlowedLane(**found) for found in rows("slowed_lanes", {"relay": relay_id})]
