"""The database's clock in the terms of this process's own, to a fraction of a millisecond.

Moments are the database's. Each call brackets what the difference can be: the
call was sent before it was heard, and answered before the answer was read. The
narrowest brackets of the last seconds count, so that a slow call does no harm;
what the way there and back have in common is halved.
"""

from dataclasses import dataclass

NARROW_SECONDS = 0.004
"""Known so closely, moments differ by less than what tokens leave for clocks."""
MOST_LOOKS = 10
"""In the memory's time: a database far away is never known that closely."""
MEMORY_SECONDS = 10.0
"""Two clocks drift apart by some 10 µs a second: older calls are forgotten."""


@dataclass(slots=True)
class _Bracket:
    """The difference database − own lies between these."""

    low: float
    high: float
    since: float

    def narrow(self, low: float, high: float) -> None:
        self.low, self.high = max(self.low, low), min(self.high, high)


class ServerClock:
    """Own times are those of `time.monotonic`; the database's are since 1970. Seconds."""

    def __init__(self) -> None:
        self._recent: _Bracket | None = None
        self._before: _Bracket | None = None
        self._looks = 0

    @property
    def wants_look(self) -> bool:
        """Calls have told too little so far, each having taken too long, and one may help."""
        if self._recent is None:
            return True
        return self._high - self._low > NARROW_SECONDS and self._looks < MOST_LOOKS

    def look(self, sent: float, told: float, read: float) -> None:
        """A call that does nothing else."""
        self._looks += 1
        self.note(sent, told, told, read)

    def note(self, sent: float, heard: float, told: float, read: float) -> None:
        """A call, sent and read by the own clock, heard and answered by the database's."""
        low, high = told - read, heard - sent
        recent = self._recent
        if recent is None or read - recent.since > MEMORY_SECONDS:
            self._before, self._recent = recent, _Bracket(low, high, read)
            self._looks = 0
        else:
            recent.narrow(low, high)
        if self._low > self._high:
            # One of the clocks was set: what was learnt before is void.
            self._before, self._recent = None, _Bracket(low, high, read)

    @property
    def _low(self) -> float:
        return max(each.low for each in (self._recent, self._before) if each is not None)

    @property
    def _high(self) -> float:
        return min(each.high for each in (self._recent, self._before) if each is not None)

    def moment(self, own: float) -> float | None:
        """When a moment of the own clock is by the database's; None before the first call."""
        if self._recent is None:
            return None
        return own + (self._low + self._high) / 2

    def own(self, moment: float) -> float:
        """When a moment of the database is by the own clock."""
        return moment - (self._low + self._high) / 2
