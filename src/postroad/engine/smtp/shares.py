"""Which share of a relay's connections a lane may hold.

Every mail of a tarpit holds a connection for half a minute. Were such a lane
given all of them, every other would wait. So lanes that are slow, and those
that have not shown yet that they are not, share half of the connections;
urgent ones of these have the other half among themselves. One of which nothing
is known and nothing on its way may try a mail beyond that: else those that came
first could keep it from ever showing that it is quick.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

SLOW_SECONDS = 5.0
"""An answer that takes longer is slow at any relay,"""
TIMES_SLOWER = 4.0
"""or one that takes so many times as long as the quickest lane's,"""
QUICK_SECONDS = 1.0
"""but none that takes less than this."""
_WEIGHT = 0.2
"""Of the newest answer in the mean."""


OTHER_LANE = "other"
"""Of all domains that have none of their own."""


class Lane(NamedTuple):
    """Urgent mails are a lane of their own beside the others of that name."""

    name: str = ""
    is_urgent: bool = False


@dataclass(slots=True)
class _Pace:
    mean: float | None = None
    began: dict[int, float] = field(default_factory=dict)
    """By the mail's key, in order: the first is the oldest."""


class LaneShares:
    """Everything in one event loop; `clock` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lanes: dict[Lane, _Pace] = {}

    def begin(self, lane: Lane, key: int) -> None:
        self._lanes.setdefault(lane, _Pace()).began[key] = self._clock()

    def forget(self, lane: Lane, key: int) -> None:
        """It was taken back, or its connection broke: that says nothing of the lane."""
        self._lanes[lane].began.pop(key, None)

    def end(self, lane: Lane, key: int) -> bool:
        """Answered. True when the lane may hold more now than before."""
        found = self._lanes[lane]
        began = found.began.pop(key, None)
        if began is None:
            return False
        took = self._clock() - began
        is_first = found.mean is None
        found.mean = took if found.mean is None else found.mean + _WEIGHT * (took - found.mean)
        return is_first

    def may_hold_more(self, lane: Lane, connections: int) -> bool:
        """Mails of no lane are not measured against each other, nor urgent ones against others."""
        if not lane.name or connections < 2:
            return True
        bound = self._bound()
        found = self._lanes.get(lane)
        if not self._is_slow(found, bound):
            return True
        alike = (of for key, of in self._lanes.items() if key.is_urgent == lane.is_urgent)
        held = sum(len(each.began) for each in alike if self._is_slow(each, bound))
        is_new = found is None or (found.mean is None and not found.began)
        # One connection is left to those that are known as quick.
        return held < (max(connections - 1, 2) if is_new else connections // 2)

    def _bound(self) -> float:
        quickest = min((each.mean for each in self._lanes.values() if each.mean is not None),
                       default=0.0)  # fmt: skip
        return min(SLOW_SECONDS, max(QUICK_SECONDS, TIMES_SLOWER * quickest))

    def _is_slow(self, lane: _Pace | None, bound: float) -> bool:
        if lane is None or lane.mean is None or lane.mean > bound:
            return True
        oldest = next(iter(lane.began.values()), None)
        return oldest is not None and self._clock() - oldest > bound
