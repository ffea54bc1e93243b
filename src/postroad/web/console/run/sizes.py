"""Sizes of mails as a histogram of few bars. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

BARS = 16


@dataclass(frozen=True, slots=True)
class SizeBar:
    """`x`, `width` and `height` in percent of the drawing; `count` mails from `low` octets on."""

    x: float
    width: float
    height: float
    low: int
    count: int

    @property
    def y(self) -> float:
        return 100 - self.height


@dataclass(frozen=True, slots=True)
class Histogram:
    """All sizes in octets; `of` mails were counted."""

    bars: tuple[SizeBar, ...]
    smallest: int
    median: int
    largest: int
    of: int


def histogram(sizes: Sequence[int]) -> Histogram | None:
    """None without a mail. One size makes one bar."""
    if not sizes:
        return None
    ordered = sorted(sizes)
    low, high = ordered[0], ordered[-1]
    bars = min(BARS, high - low + 1)
    step = (high - low + 1) / bars
    counts = [0] * bars
    for size in ordered:
        counts[min(bars - 1, int((size - low) / step))] += 1
    most = max(counts)
    drawn = tuple(
        SizeBar(
            x=round(100 * at / bars, 2),
            width=round(100 / bars * 0.86, 2),
            height=round(100 * count / most, 2),
            low=round(low + at * step),
            count=count,
        )
        for at, count in enumerate(counts)
    )
    return Histogram(drawn, low, ordered[len(ordered) // 2], high, len(ordered))
