"""Mails that wait for a session, and the tokens that let them begin.

A token names the moment from which a mail may begin and is good for a short
time after it. Tokens belong to a group of mails (one batch's), not to a mail:
the next mail in line takes the next that is still good. A late one is lost:
were it used, two mails of one moment's distance would follow each other at once.
"""

import heapq
from collections import deque
from collections.abc import Callable, Container, Hashable, Iterable
from dataclasses import dataclass, field
from itertools import count, islice

from postroad.core.mail import Mail
from postroad.engine.smtp.domains import DomainShares
from postroad.engine.smtp.shares import Lane

INFINITY = float("inf")
NO_LANE = Lane()


@dataclass(order=True, slots=True)
class Entry:
    """`breaks`: how often a connection broke under it before its content began.

    `domain`: see DomainShares; `holder`: who took it.
    """

    begin_at: float
    position: int
    mail: Mail = field(compare=False)
    lane: Lane = field(default=NO_LANE, compare=False)
    group: int | None = field(default=None, compare=False)
    breaks: int = field(default=0, compare=False)
    domain: str = field(default="", compare=False)
    holder: Hashable = field(default=None, compare=False)
    begun_at: float = field(default=0.0, compare=False)


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
    def rank(self) -> tuple[bool, float]:
        """The lower, the sooner."""
        return not self.lane.is_urgent, self.next_at

    @property
    def next_at(self) -> float:
        return self.tokens[0] if self.entries and self.tokens else INFINITY

    def ready(self, now: float) -> int:
        return min(len(self.entries), sum(moment <= now for moment in self.tokens))


def _is_before(entry: Entry, other: Entry | None) -> bool:
    if other is None or entry.lane.is_urgent != other.lane.is_urgent:
        return other is None or entry.lane.is_urgent
    return entry < other


def _any(_lane: Lane) -> bool:
    return True


def _anybody(_entry: Entry) -> bool:
    return True


class WaitingLine:
    """Moments are those of the event loop's clock, in seconds."""

    def __init__(self, domains: DomainShares) -> None:
        self._domains = domains
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
        rooms: dict[str, int] = {}
        due = (e for heap in self._lanes.values() for e in heap if e.begin_at <= now)
        found = sum(1 for _ in islice((e for e in due if self._has_room(e, rooms)), most))
        for group in self._groups.values():
            group.lose_late(now)
            found += group.ready(now)
        return min(found, most)

    def _has_room(self, entry: Entry, rooms: dict[str, int]) -> bool:
        """`rooms`: connections that each domain may still have, counted down."""
        if not entry.domain:
            return True
        left = rooms.get(entry.domain, self._domains.room(entry.domain))
        rooms[entry.domain] = left - 1
        return left > 0

    def join(self, mail: Mail, begin_at: float, lane: Lane = NO_LANE) -> None:
        entry = self._entry(begin_at, mail, lane)
        heapq.heappush(self._lanes.setdefault(lane, []), entry)
        self._length += 1

    def _entry(self, begin_at: float, mail: Mail, lane: Lane, group: int | None = None) -> Entry:
        domain = self._domains.domain_of(lane, mail)
        return Entry(begin_at, next(self._positions), mail, lane, group, domain=domain)

    def join_group(
        self, number: int, lane: Lane, mails: Iterable[Mail], tokens: Iterable[float], life: float
    ) -> None:
        """Mails of a group, and more tokens for it, later than those it has."""
        group = self._groups.setdefault(number, Group(lane))
        for mail in mails:
            group.entries.append(self._entry(0.0, mail, lane, number))
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

    def free_group(self, number: int) -> None:
        """No rate binds the group any more: those that wait may begin at once."""
        group = self._groups.pop(number, None)
        for entry in group.entries if group else ():
            heapq.heappush(self._lanes.setdefault(entry.lane, []), entry)

    def has_token(self, now: float) -> bool:
        """Somebody under a limit could begin at once."""
        for group in self._groups.values():
            group.lose_late(now)
        return any(group.next_at <= now for group in self._groups.values())

    def rejoin(self, entry: Entry) -> None:
        """At its old place; under a limit it needs another token."""
        self._length += 1
        if entry.group is None:
            heapq.heappush(self._lanes.setdefault(entry.lane, []), entry)
        else:
            group = self._groups.setdefault(entry.group, Group(entry.lane))
            group.entries.appendleft(entry)

    def take(
        self,
        now: float,
        may: Callable[[Lane], bool] = _any,
        suits: Callable[[Entry], bool] = _anybody,
        *,
        is_limited: bool = True,
    ) -> Entry | None:
        """The next that may begin, of a lane that may; without `is_limited` none with a token.

        Urgent ones first. Of others those with a token: that one is good for a moment only.
        """
        free, limited = self._first_free(now, may, suits), None
        if is_limited and self._groups:
            limited = self._first_limited(now, may, suits)
        if limited is not None and (free is None or limited.lane.is_urgent >= free.lane.is_urgent):
            group = self._groups[limited.group or 0]
            group.tokens.popleft()
            group.entries.remove(limited)
            self._length -= 1
            return limited
        if free is not None:
            self._part(free)
            self._length -= 1
        return free

    def _part(self, entry: Entry) -> None:
        heap = self._lanes[entry.lane]
        if heap[0] is entry:
            heapq.heappop(heap)
        else:
            heap.remove(entry)
            heapq.heapify(heap)
        if not heap:
            del self._lanes[entry.lane]

    def _first_free(
        self, now: float, may: Callable[[Lane], bool], suits: Callable[[Entry], bool]
    ) -> Entry | None:
        best: Entry | None = None
        for lane, heap in self._lanes.items():
            first: Entry | None = heap[0]
            if heap[0].begin_at > now or not _is_before(heap[0], best) or not may(lane):
                continue
            if not suits(heap[0]):
                first = min((e for e in heap if e.begin_at <= now and suits(e)), default=None)
            if first is not None and _is_before(first, best):
                best = first
        return best

    def _first_limited(
        self, now: float, may: Callable[[Lane], bool], suits: Callable[[Entry], bool]
    ) -> Entry | None:
        best: tuple[tuple[bool, float], Entry] | None = None
        for number, group in list(self._groups.items()):
            group.lose_late(now)
            if not group.entries and not group.tokens:
                del self._groups[number]
            elif group.next_at <= now and (best is None or group.rank < best[0]):
                first = next(filter(suits, group.entries), None) if may(group.lane) else None
                best = best if first is None else (group.rank, first)
        return best[1] if best else None

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
