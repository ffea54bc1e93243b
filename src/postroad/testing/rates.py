"""Counted at a relay: the fullest second, and how much of a rate was used.

A relay that does not get to run stamps what came meanwhile too late, and what
comes next in time: nearer to each other than they came. A relay that watches
itself writes down when it stood still, so no second is called too full of which
that is not certain.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from postroad.testing.relay_log import Event

HASTE_SECONDS = 0.003
"""For so long after it stood still a relay is busy with what came meanwhile."""


@dataclass(frozen=True, slots=True)
class Begun:
    """A mail: it came to the relay between `no_sooner` and `at`."""

    no_sooner: float
    at: float


@dataclass(frozen=True, slots=True)
class Record:
    """What a watching relay wrote down: mails begun, in order, and when it stood still."""

    begun: list[Begun]
    stood: list[tuple[float, float]]

    def nearest(self, apart: int) -> float:
        """The shortest time in which so many mails and one more begin, at its longest."""
        pairs = zip(self.begun, self.begun[apart:], strict=False)
        return min((last.at - first.no_sooner for first, last in pairs), default=float("inf"))

    def worst_second(self) -> int:
        """Mails that began within one second, at most: of those of which it is certain."""
        most = 1
        while self.nearest(most) < 1:
            most += 1
        return most

    def used(self, a_second: float, since: float, until: float) -> float:
        """The share of a rate that was used from one moment to another."""
        return self._between(since, until) / (a_second * (until - since))

    def missing(self, a_second: float, since: float, until: float, share: float) -> float:
        """Seconds of the rate by which such a share was missed, negative if it was not."""
        return share * (until - since) - self._between(since, until) / a_second

    def stood_still(self, since: float, until: float) -> float:
        """Seconds within these moments."""
        spans = ((max(begin, since), min(end, until)) for begin, end in self.stood)
        return sum(max(0.0, end - begin) for begin, end in spans)

    def _between(self, since: float, until: float) -> int:
        return sum(since <= one.at < until for one in self.begun)


def record_of(events: Iterable[Event]) -> Record:
    kept = list(events)
    stood = sorted((e.at - e.seconds, e.at) for e in kept if e.event == "stood")
    stamps = sorted(e.at for e in kept if e.event == "begun")
    begun, place = [], 0
    for at in stamps:
        while place < len(stood) and stood[place][1] + HASTE_SECONDS < at:
            place += 1
        is_late = place < len(stood) and stood[place][0] <= at
        begun.append(Begun(stood[place][0] if is_late else at, at))
    return Record(begun, stood)
