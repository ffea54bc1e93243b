"""Mails that wait for a session, and the tokens that let them begin.

A token names the moment from which a mail may begin and is good for a short
time after it. Tokens belong to a group of mails (one batch's), not to a mail:
the next mail in line takes the next that is still good. A late one is lost:
were it used, two mails of one moment's distance would follow each other at once.
"""

import heapq
from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from itertools import count, islice

from postroad.core.mail import Mail
from postroad.engine.smtp.shares import Lane

INFINITY = float("inf")
NO_LANE = Lane()


@dataclass(order=True, slots=True)
class Entry:
    """`breaks`: how often a connection broke under it before its content began."""

    begin_at: float
    position: int
    mail: Mail = field(compare=False)
    lane: Lane = field(default=NO_LANE, compare=False)
    group: int | None = field(default=None, compare=False)
    breaks: int = field(default=0, compare=False)


@dataclass(slots=True)
class Group:
    """Mails under a rate limit, in order, and the moments of their tokens, in order."""

    lane: Lane
    entries: deque[Entry] = field(default_factory=deque)
    tokens: deque[float] = field(default_factory=deque)
    life: float = 0.0

    def lose_late(self, now: float) -> None:
        while self.tokens and self.tokens[0] + self.life < now:
            self.tokens.popleft()

    @property
    def is_urgent(self) -> bool:
        return self.lane.is_urgent

    @property
    def rank(self) -> tuple[bool, float]:
        """The lower, the sooner."""
        return not self.is_urgent, self.next_at

    @property
    def next_at(self) -> float:
        return self.tokens[0] if self.entries and self.tokens else INFINITY

    def ready(self, now: float) -> int:
        return min(len(self.entries), sum(moment <= now for moment in self.tokens))


def _rank(entry: Entry) -> tuple[bool, Entry]:
    return not entry.lane.is_urgent, entry


def _any(_lane: Lane) -> bool:
    return True


class WaitingLine:
    """Moments are those of the event loop's clock, in seconds."""

    def __init__(self) -> None:
        self._lanes: dict[Lane, list[Entry]] = {}
        """Those without a rate limit, by lane: each a heap, earliest moment first."""
        self._groups: dict[int, Group] = {}
        self._positions = count()
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def next_at(self) -> float:
        """The earliest moment; infinite when nobody waits."""
        firsts = [heap[0].begin_at for heap in self._lanes.values()]
        firsts += [group.next_at for group in self._groups.values()]
        return min(firsts, default=INFINITY)

    def ready(self, now: float, most: int = 1_000_000) -> int:
        """How many may begin; not counted beyond `most`."""
        free = (e for heap in self._lanes.values() for e in heap if e.begin_at <= now)
        found = sum(1 for _ in islice(free, most))
        for group in self._groups.values():
            group.lose_late(now)
            found += group.ready(now)
        return min(found, most)

    def join(self, mail: Mail, begin_at: float, lane: Lane = NO_LANE) -> None:
        entry = Entry(begin_at, next(self._positions), mail, lane)
        heapq.heappush(self._lanes.setdefault(lane, []), entry)
        self._length += 1

    def join_group(
        self, number: int, lane: Lane, mails: Iterable[Mail], tokens: Iterable[float], life: float
    ) -> None:
        """Mails of a group, and more tokens for it, later than those it has."""
        group = self._groups.setdefault(number, Group(lane))
        for mail in mails:
            group.entries.append(Entry(0.0, next(self._positions), mail, lane, number))
            self._length += 1
        group.tokens.extend(tokens)
        group.life = life

    def without_token(self, number: int, now: float) -> list[int]:
        """Keys of a group's mails for which no token is left, the last in line."""
        group = self._groups.get(number)
        if group is None:
            return []
        group.lose_late(now)
        return [entry.mail.key for entry in islice(group.entries, len(group.tokens), None)]

    def rejoin(self, entry: Entry) -> None:
        """At its old place; under a limit it needs another token."""
        self._length += 1
        if entry.group is None:
            heapq.heappush(self._lanes.setdefault(entry.lane, []), entry)
        else:
            group = self._groups.setdefault(entry.group, Group(entry.lane))
            group.entries.appendleft(entry)

    def take(
        self, now: float, may: Callable[[Lane], bool] = _any, *, is_limited: bool = True
    ) -> Entry | None:
        """The next that may begin, of a lane that may; without `is_limited` none with a token.

        Urgent ones first. Of others those with a token: that one is good for a moment only.
        """
        heap, group = self._first_free(now, may), None
        if is_limited and self._groups:
            group = self._first_group(now, may)
        if group is not None and (heap is None or group.is_urgent >= heap[0].lane.is_urgent):
            self._length -= 1
            group.tokens.popleft()
            return group.entries.popleft()
        if heap is None:
            return None
        self._length -= 1
        entry = heapq.heappop(heap)
        if not heap:
            del self._lanes[entry.lane]
        return entry

    def _first_free(self, now: float, may: Callable[[Lane], bool]) -> list[Entry] | None:
        best: list[Entry] | None = None
        for lane, heap in self._lanes.items():
            is_next = best is None or _rank(heap[0]) < _rank(best[0])
            if heap[0].begin_at <= now and is_next and may(lane):
                best = heap
        return best

    def _first_group(self, now: float, may: Callable[[Lane], bool]) -> Group | None:
        best: Group | None = None
        for number, group in list(self._groups.items()):
            group.lose_late(now)
            if not group.entries and not group.tokens:
                del self._groups[number]
            elif group.next_at <= now and (best is None or group.rank < best.rank):
                best = group if may(group.lane) else best
        return best

    def leave(self, keys: Container[int] | None = None) -> list[Mail]:
        """Everybody, or those of these keys, in order."""
        everybody = [e for heap in self._lanes.values() for e in heap]
        everybody += [e for group in self._groups.values() for e in group.entries]
        everybody.sort(key=lambda e: (e.begin_at, e.position))
        gone = {e.mail.key for e in everybody if keys is None or e.mail.key in keys}
        for lane, heap in list(self._lanes.items()):
            kept = [e for e in heap if e.mail.key not in gone]
            heapq.heapify(kept)
            self._lanes[lane] = kept
            if not kept:
                del self._lanes[lane]
        for number, group in list(self._groups.items()):
            group.entries = deque(e for e in group.entries if e.mail.key not in gone)
            if not group.entries:
                del self._groups[number]
        self._length -= len(gone)
        return [e.mail for e in everybody if e.mail.key in gone]
