"""How long a run takes by its limits, told before it is launched. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .limit import LimitKind, Limits

DAY: Final = 86_400
MOST_DAYS: Final = 3_650
"""Nobody waits longer: so far an estimate looks."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one relay, lane or campaign lets out, and how much of its day is used now.

    `ramp_days` of its warm-up are over. `mails` of the run have to pass here; None: all
    of them, shared with the others of this kind.
    """

    kind: LimitKind
    name: str
    limits: Limits
    used: int = 0
    ramp_days: int = 0
    mails: int | None = None

    @property
    def is_limited(self) -> bool:
        of = self.limits
        return any(each is not None for each in (of.per_minute, of.per_day, of.ramp_first))

    def of_day(self, day: int) -> float:
        """So many may begin in the 24 hours that begin `day` days from now."""
        cap = math.inf if self.limits.per_day is None else float(self.limits.per_day)
        if self.limits.ramp_first is not None:
            days = min(400, self.ramp_days + day)
            grown = self.limits.ramp_first * (1 + (self.limits.ramp_percent or 0) / 100) ** days
            cap = min(cap, math.floor(grown))
        return max(0.0, cap - self.used) if day == 0 else cap

    def seconds(self, mails: float) -> float:
        """What so many take at the rate, the caps of days apart."""
        return mails / self.limits.per_minute * 60 if self.limits.per_minute else 0.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """About how long; `by` takes longest: relays together, one lane, or the campaign."""

    seconds: float
    by: tuple[Allowance, ...]


def estimate(mails: int, allowances: Sequence[Allowance]) -> Estimate | None:
    """None where no limit binds: then it goes as fast as the relays take it.

    Each lane has to let out its own mails, the campaign all of them, and the relays all
    of them together: one that is used up leaves the rest to the others.
    """
    relays = tuple(each for each in allowances if each.kind is LimitKind.RELAY)
    alone = [(each,) for each in allowances if each.kind is not LimitKind.RELAY]
    found = [
        Estimate(_seconds(mails if group[0].mails is None else group[0].mails, group), group)
        for group in [relays, *alone]
        if group and all(each.is_limited for each in group)
    ]
    return max(found, key=lambda each: each.seconds, default=None)


def _seconds(mails: int, group: Sequence[Allowance]) -> float:
    """When these have let out so many together."""
    done = [0.0] * len(group)
    for day in range(MOST_DAYS):
        ready = [_by_end_of(day, each, was) for each, was in zip(group, done, strict=True)]
        if sum(ready) >= mails:
            return day * DAY + _within(mails - sum(done), _steps(group, done, ready))
        done = ready
    return float(MOST_DAYS * DAY)


def _by_end_of(day: int, one: Allowance, done: float) -> float:
    rate = one.limits.per_minute
    return done + min(one.of_day(day), rate * DAY / 60 if rate else math.inf)


def _steps(
    group: Sequence[Allowance], done: Sequence[float], ready: Sequence[float]
) -> list[tuple[float, float]]:
    """(seconds, mails) of each for what it lets out within the day, the quickest first."""
    parts = zip(group, done, ready, strict=True)
    return sorted((one.seconds(end - was), end - was) for one, was, end in parts)


def _within(mails: float, steps: Sequence[tuple[float, float]]) -> float:
    """When so many are out, each giving its mails evenly over its seconds."""
    mails -= sum(count for seconds, count in steps if seconds == 0)
    paced = [(seconds, count) for seconds, count in steps if seconds > 0]
    for place, (seconds, _) in enumerate(paced):
        over = sum(count for _, count in paced[:place])
        rate = sum(count / each for each, count in paced[place:])
        if mails <= over + rate * seconds:
            return max(0.0, (mails - over) / rate)
    return paced[-1][0] if paced else 0.0
