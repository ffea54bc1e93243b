"""Limits in words."""

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
