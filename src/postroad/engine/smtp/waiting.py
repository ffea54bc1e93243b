"""Mails that wait for a session, earliest moment first."""

import heapq
from collections.abc import Container
from dataclasses import dataclass, field
from itertools import count

from postroad.core.mail import Mail


@dataclass(order=True, slots=True)
class Entry:
    """`breaks`: how often a connection broke under it before its content began."""

    begin_at: float
    position: int
    mail: Mail = field(compare=False)
    breaks: int = field(default=0, compare=False)


class WaitingLine:
    """Moments are those of the event loop's clock, in seconds."""

    def __init__(self) -> None:
        self._heap: list[Entry] = []
        self._positions = count()

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def next_at(self) -> float:
        """The earliest moment; infinite when nobody waits."""
        return self._heap[0].begin_at if self._heap else float("inf")

    def ready(self, now: float) -> int:
        """How many may begin."""
        return sum(entry.begin_at <= now for entry in self._heap)

    def join(self, mail: Mail, begin_at: float) -> None:
        heapq.heappush(self._heap, Entry(begin_at, next(self._positions), mail))

    def rejoin(self, entry: Entry) -> None:
        """At its old place."""
        heapq.heappush(self._heap, entry)

    def take(self, now: float) -> Entry | None:
        return heapq.heappop(self._heap) if self.next_at <= now else None

    def leave(self, keys: Container[int] | None = None) -> list[Mail]:
        """Everybody, or those of these keys, in order."""
        ordered = sorted(self._heap)
        self._heap = [e for e in ordered if keys is not None and e.mail.key not in keys]
        return [e.mail for e in ordered if keys is None or e.mail.key in keys]
