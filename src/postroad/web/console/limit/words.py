"""Limits in words."""

from typing import Any, Final

from postroad.core.limit import Limits
from postroad.web.console.figures import number


def limit_words(limits: Limits) -> list[str]:
    """A phrase a limit; empty where there is none."""
    words = [
        (limits.per_minute, "{} mails a minute" if limits.per_minute != 1 else "{} mail a minute"),
        (limits.at_once, "{} at once"),
        (limits.per_day, "{} in any 24 hours"),
    ]
    said = [text.format(number(limit)) for limit, text in words if limit is not None]
    return [*said, *_warm_up(limits)]


def _warm_up(limits: Limits) -> list[str]:
    if limits.ramp_first is None:
        return []
    upto = "" if limits.per_day is None else f" up to {number(limits.per_day)}"
    more = f"{number(limits.ramp_percent or 0)} % more each day"
    return [f"warm-up from {number(limits.ramp_first)} on the first day, {more}{upto}"]


_HOLDERS: Final = {
    "lane": "limit of the lane",
    "campaign": "limit of the campaign",
    "relay": "limit of {}",
    "slow": "slowed down at {}",
}


def held_words(lane: Any) -> str:
    """The limit or slow-down that holds back a run's lane, '' where nothing waits or none could."""
    is_idle = lane.next_due_at is None and not lane.leased
    if not lane.held_by or is_idle:
        return ""
    holder = _HOLDERS[lane.held_by].format(lane.held_at or "a relay")
    return holder if lane.held_rate is None else f"{holder}: {number(lane.held_rate)} a minute"
