"""How fast a run went, as lines over time. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

SENT: Final = ("accepted", "deferred", "refused", "unknown")
PREPARED: Final = ("prepared",)
MOST_MARKS: Final = 40


@dataclass(frozen=True, slots=True)
class Span:
    """What came about in `span_s` seconds from `at` on; spans without anything are left out."""

    at: datetime
    span_s: int
    prepared: int
    accepted: int
    deferred: int
    refused: int
    unknown: int

    @property
    def accepted_per_second(self) -> float:
        return self.accepted / self.span_s

    def count(self, word: str) -> int:
        return int(getattr(self, word))


@dataclass(frozen=True, slots=True)
class Lines:
    """`x`: seconds since 1970; `per_second`: by word, a value a point."""

    x: tuple[float, ...]
    per_second: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Mark:
    """What may have changed the pace: a journal's kind; `relay` and `lane` are '' for acts."""

    at: datetime
    kind: str
    relay: str
    lane: str


def news(marks: Sequence[Mark]) -> tuple[Mark, ...]:
    """Without those that say again what was so already: a dead relay stops at each try."""
    last: dict[tuple[str, str], str] = {}
    kept: list[Mark] = []
    for mark in marks:
        if last.get((mark.relay, mark.lane)) != mark.kind:
            kept.append(mark)
        last[mark.relay, mark.lane] = mark.kind
    return tuple(kept[-MOST_MARKS:])


def lines(spans: Sequence[Span], words: Sequence[str], until: datetime | None) -> Lines:
    """A point in the middle of each span, and zeros where nothing came about.

    Two zeros a gap, however long. A line goes on to `until`; None: the run is
    over, and the line comes down behind its last span.
    """
    points = list(_points([span for span in spans if any(map(span.count, words))], until))
    return Lines(
        tuple(x for x, _ in points),
        {
            word: tuple(span.count(word) / span.span_s if span else 0.0 for _, span in points)
            for word in words
        },
    )


def _points(spans: Sequence[Span], until: datetime | None) -> Iterator[tuple[float, Span | None]]:
    if not spans:
        return
    width = spans[0].span_s
    middles = [span.at.timestamp() + width / 2 for span in spans]
    yield middles[0] - width, None
    for (x, later), span in zip(pairwise(middles), spans[:-1], strict=True):
        yield x, span
        yield from _zeros(x + width, later - width)
    yield middles[-1], spans[-1]
    down = middles[-1] + width
    yield from _zeros(down, until.timestamp() if until else down)


def _zeros(first: float, last: float) -> Iterator[tuple[float, None]]:
    """At both ends of a gap, if there is one."""
    if first <= last:
        yield first, None
    if first < last:
        yield last, None
