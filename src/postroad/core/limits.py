"""The arithmetic of limits: when a mail may begin, so that no rate is ever exceeded.

Times are whole microseconds since 1970. A token names the moment from which
its mail may begin, and is good for a short life after it. The moments of one
bucket are `interval_us` apart, a little wider than the rate asks for: what is
gained so in every second is what a late begin may use up. For R a second,

    moments within (1 s + slack) ≤ R,  with interval = (1 s + slack) / R,

so begins that follow their moments by at most `slack` are at most R in any
sliding second. The life of a token is a part of the slack; the rest is for
clocks that differ and for the way to the relay.

The SQL functions of the same names compute the same; a test compares them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
WIDER = 1.0125
"""Moments lie so many times wider than the rate asks for."""
LIFE_SHARE = 0.6
"""Of the slack; the rest is for clocks and the way."""
LONGEST_LIFE_US = 500_000
AHEAD_US = SECOND_US
"""A window takes moments at most so far ahead; an urgent one twice as far."""
LEAD_US = 500_000
"""A batch without tokens is due so long before the next one, so that none is lost."""


def interval_of(per_minute: int) -> int:
    """Microseconds between two moments of a rate."""
    return math.ceil(MINUTE_US * WIDER / per_minute)


def life_of(per_minute: int) -> int:
    """For how long a token is good, in microseconds.

    No second may see more than the rate's share of one, at least 1, and no
    minute more than the rate.
    """
    interval = interval_of(per_minute)
    a_second = max(1, math.ceil(per_minute / 60)) * interval - SECOND_US
    a_minute = per_minute * interval - MINUTE_US
    return min(math.floor(min(a_second, a_minute) * LIFE_SHARE), LONGEST_LIFE_US)


@dataclass(frozen=True, slots=True)
class Hole:
    """Moments that a window left out because another bucket of its own was slower."""

    first_us: int
    count: int


@dataclass(frozen=True, slots=True)
class Pace:
    """A bucket's moments: from `next_us` on all are free, before it those in `holes`."""

    interval_us: int
    next_us: int
    holes: tuple[Hole, ...] = ()

    def tidied(self, now: int) -> "Pace":
        """Without moments that have passed. One too far ahead is of a clock set back."""
        furthest = now + 2 * AHEAD_US + self.interval_us
        if self.next_us > furthest:
            return Pace(self.interval_us, furthest)
        kept = []
        for hole in self.holes:
            gone = min(max(0, _up(now - hole.first_us, self.interval_us)), hole.count)
            if gone < hole.count:
                first = hole.first_us + gone * self.interval_us
                kept.append(Hole(first, hole.count - gone))
        return replace(self, next_us=max(self.next_us, now), holes=tuple(kept))

    def free_from(self, at: int) -> int:
        """The first free moment that is not before `at`."""
        for hole in self.holes:
            place = max(0, _up(at - hole.first_us, self.interval_us))
            if place < hole.count:
                return hole.first_us + place * self.interval_us
        return max(at, self.next_us)

    def spend(self, at: int) -> "Pace":
        """`at` is a free moment, as `free_from` named it."""
        if at >= self.next_us:
            left = (at - self.next_us) // self.interval_us
            holes = (*self.holes, Hole(self.next_us, left)) if left else self.holes
            return Pace(self.interval_us, at + self.interval_us, holes)
        kept: list[Hole] = []
        for hole in self.holes:
            place = (at - hole.first_us) // self.interval_us
            if 0 <= place < hole.count:
                rest = Hole(at + self.interval_us, hole.count - place - 1)
                kept += [each for each in (Hole(hole.first_us, place), rest) if each.count]
            else:
                kept.append(hole)
        return Pace(self.interval_us, self.next_us, tuple(kept))


def take_moments(
    paces: Sequence[Pace], want: int, now: int, ahead: int = AHEAD_US
) -> tuple[list[int], list[Pace]]:
    """Up to `want` moments that suit every bucket, none later than `ahead` from now.

    What a faster bucket has between two moments of a slower one stays free for
    others: a slow lane does not slow its relay.
    """
    left = [pace.tidied(now) for pace in paces]
    moments: list[int] = []
    at = now
    while len(moments) < want:
        at = _suiting_all(left, at)
        if at > now + ahead:
            break
        left = [pace.spend(at) for pace in left]
        moments.append(at)
    return moments, left


def _suiting_all(paces: Sequence[Pace], at: int) -> int:
    while True:
        before = at
        for pace in paces:
            at = pace.free_from(at)
        if at == before:
            return at


def _up(span: int, by: int) -> int:
    return -(-span // by)


SLOWEST_PER_MINUTE = 6
"""No lane is slowed down below this."""


def slowed_rate(per_minute: int, before: int, since_seconds: float) -> int:
    """The rate of a slowed-down lane so long after it was last asked to slow down.

    It was halved to `per_minute`. After ten quiet minutes it grows by a
    twentieth of what it was before, each minute, until it is that again.
    """
    steps = max(0, math.floor(since_seconds / 60) - 9)
    return min(before, per_minute + max(1, before // 20) * steps)
