"""Bars as rectangles: which states, in which order, how wide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from postroad.core.lifecycle import DeliveryState

SENDING: Final = "sending"
"""Derived: begun, no outcome yet. Stands between deferred and prepared."""

ORDER: Final = tuple(
    word
    for state in DeliveryState
    for word in ((SENDING, state.value) if state is DeliveryState.PREPARED else (state.value,))
)

TONES: Final[Mapping[str, str]] = {
    # deliveries
    "selected": "idle",
    "prepared": "idle",
    "skipped": "idle",
    "suppressed": "idle",
    "purged": "idle",
    "sending": "move",
    "deferred": "warn",
    "held": "warn",
    "accepted": "ok",
    "delivered": "done",
    "failed": "bad",
    "rejected": "bad",
    "bounced": "bad",
    "complained": "bad",
    "dead": "dead",
    "unknown": "unk",
    # runs
    "selecting": "idle",
    "preparing": "idle",
    "ready": "idle",
    "scheduled": "move",
    "running": "move",
    "paused": "warn",
    "finished": "ok",
    "stopped": "bad",
    # campaigns
    "draft": "idle",
    "archived": "idle",
    "active": "move",
}

NARROWEST: Final = 0.25
"""No part is less wide, in percent of the bar; the rest shrinks."""


@dataclass(frozen=True, slots=True)
class Part:
    """`x` and `width` in percent of the bar."""

    word: str
    count: int
    x: float
    width: float


def parts(counts: Mapping[str, int], total: int) -> list[Part]:
    """The parts of an outcome bar in the fixed order, those at 0 left out."""
    shown = [(word, counts.get(word, 0)) for word in ORDER if counts.get(word, 0) > 0]
    if not shown or total <= 0:
        return []
    raw = [100 * count / total for _, count in shown]
    wide = sum(width for width in raw if width > NARROWEST)
    narrow = NARROWEST * sum(1 for width in raw if width <= NARROWEST)
    shrink = (wide - max(0.0, wide + narrow - 100)) / wide if wide else 1.0
    found: list[Part] = []
    x = 0.0
    for (word, count), width in zip(shown, raw, strict=True):
        real = width * shrink if width > NARROWEST else NARROWEST
        found.append(Part(word, count, round(x, 3), round(real, 3)))
        x += real
    return found
