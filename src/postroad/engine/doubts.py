"""Refusals that may be the account's, until another mail passes on that relay.

They are recorded as deferred, so that a broken account burns nobody. What is
lost of them with the worker is tried again after its back-off.
"""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from postroad.core.ids import BatchId, RelayId, RunId
from postroad.engine.facts import FactRow

MOST = 100
"""So many a relay are remembered."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """`fact`: what the refusal is, were it about this mail."""

    run: RunId
    batch: BatchId
    fact: FactRow


class Doubts:
    def __init__(self, settle: Callable[[Doubt], None]) -> None:
        self._settle = settle
        self._open: dict[RelayId, deque[Doubt]] = defaultdict(lambda: deque(maxlen=MOST))

    def keep(self, relay: RelayId, doubt: Doubt) -> None:
        self._open[relay].append(doubt)

    def passed(self, relay: RelayId) -> None:
        """The relay took another mail: they were about their own."""
        for doubt in self._open.pop(relay, ()):
            self._settle(doubt)

    def stopped(self, relay: RelayId) -> None:
        """They were the account's, and stay deferred."""
        self._open.pop(relay, None)
