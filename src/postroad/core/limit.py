"""The limits of a relay, a lane or a campaign, as the manager sets them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

HIGHEST = 10_000_000
STEEPEST_PERCENT = 1_000


class LimitKind(StrEnum):
    """What has limits of its own. A mail keeps those of all three."""

    RELAY = "relay"
    LANE = "lane"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Limits:
    """None is no limit.

    `ramp_first`: mails of a warm-up's first day; each day has `ramp_percent` more,
    until `per_day` is reached.
    """

    per_minute: int | None = None
    at_once: int | None = None
    per_day: int | None = None
    ramp_first: int | None = None
    ramp_percent: int | None = None


def limit_faults(limits: Limits) -> Iterator[tuple[str, str]]:
    """Field and what is wrong with it, ending with what to do."""
    for name in ("per_minute", "at_once", "per_day", "ramp_first"):
        limit = getattr(limits, name)
        if limit is not None and not 0 < limit <= HIGHEST:
            yield name, "A limit is a number from 1 on: leave it empty for none."
    yield from _ramp_faults(limits)


def _ramp_faults(limits: Limits) -> Iterator[tuple[str, str]]:
    first, percent = limits.ramp_first, limits.ramp_percent
    if percent is not None and not 0 < percent <= STEEPEST_PERCENT:
        yield "ramp_percent", "Write a number from 1 to 1,000: 50 is half as many again each day."
    if first is None and percent is not None:
        yield "ramp_first", "A warm-up needs a first day: say how many mails it may have."
    if first is not None and percent is None:
        yield "ramp_percent", "Say how many more each day: 50 is half as many again."
    if first is not None and limits.per_day is not None and first >= limits.per_day:
        text = "The first day has as many as any day: write fewer, or leave the warm-up empty."
        yield "ramp_first", text
