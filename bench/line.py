"""The one line that a benchmark ends with, and how it is made shorter."""

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: `full`, unless the variable POSTROAD_BENCH_<name> says less or more."""

    name: str
    full: int

    @property
    def now(self) -> int:
        return int(os.environ.get(f"POSTROAD_BENCH_{self.name}", self.full))

    @property
    def note(self) -> str:
        """'' at full size."""
        what = self.name.lower().replace("_", " ")
        return "" if self.now == self.full else f"{self.now:,} of {self.full:,} {what}"


ROUNDS = Size("ROUNDS", 3)


def ratio(name: str, value: float, of: str, bar: float, *sizes: Size) -> None:
    """At least the bar."""
    _say(name, f"{value:.2f}× {of}, bar {bar:.2f}×", sizes, met=value >= bar)


def ratio_at_most(name: str, value: float, of: str, bar: float, *sizes: Size) -> None:
    _say(name, f"{value:.2f}× {of}, bar at most {bar:.2f}×", sizes, met=value <= bar)


def share(name: str, value: float, of: str, bar: float, *sizes: Size, is_kept: bool) -> None:
    """At least the bar, and what must hold beside it holds."""
    _say(name, f"{value:.3f} {of}, bar {bar:.2f}", sizes, met=value >= bar and is_kept)


def seconds_at_most(name: str, value: float, what: str, bar: float, *sizes: Size) -> None:
    _say(name, f"{value:.2f} s {what}, bar at most {bar:.0f} s", sizes, met=value <= bar)


def figures(name: str, text: str, *sizes: Size) -> None:
    """No bar: stated with its units."""
    _say(name, text, sizes, met=True)


def _say(name: str, text: str, sizes: tuple[Size, ...], *, met: bool) -> None:
    notes = "; ".join(filter(None, (size.note for size in sizes)))
    missed = "" if met else ", MISSED"
    print(f"{name}: {text}{missed}{f' (shortened: {notes})' if notes else ''}", flush=True)
