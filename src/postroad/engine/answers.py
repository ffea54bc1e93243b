"""How quickly relays answer, as a worker counts it for the metrics."""

from bisect import bisect_left

from postroad.core.metrics import REPLY_BOUNDS
from postroad.engine.protocol import Protocol


class Answers:
    """Counted here and told now and then: what is not told when a worker dies is lost."""

    def __init__(self) -> None:
        self._counts = _nothing()
        self._seconds = 0.0

    def note(self, seconds: float) -> None:
        """A reply settled a mail, so long after the mail began."""
        self._counts[bisect_left(REPLY_BOUNDS, seconds)] += 1
        self._seconds += seconds

    async def tell(self, protocol: Protocol) -> bool:
        """False, as a turn without news."""
        counts, seconds = self._counts, self._seconds
        if any(counts):
            self._counts, self._seconds = _nothing(), 0.0
            await protocol.value("SELECT note_answers(%s::bigint[], %s)", counts, seconds)
        return False


def _nothing() -> list[int]:
    return [0] * (len(REPLY_BOUNDS) + 1)
