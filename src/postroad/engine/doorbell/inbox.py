"""What a broker delivered to this worker and nobody has taken yet."""

from collections import deque
from collections.abc import Callable

from postroad.engine.doorbell.port import STAGES, Heard


class Inbox:
    """Urgent references before the others, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, bool], deque[Heard]] = {
            (stage, urgent): deque() for stage in STAGES for urgent in (False, True)
        }
        self._heard: Callable[[str], None] = _nobody

    def tell_to(self, heard: Callable[[str], None]) -> None:
        self._heard = heard

    def put(self, stage: str, heard: Heard, *, urgent: bool) -> None:
        self._waiting[stage, urgent].append(heard)
        self._heard(stage)

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        for urgent in (True,) if only_urgent else (True, False):
            if self._waiting[stage, urgent]:
                return self._waiting[stage, urgent].popleft()
        return None

    def clear(self) -> None:
        """They come again: the connection that brought them is gone."""
        for waiting in self._waiting.values():
            waiting.clear()

    def forget(self, stage: str, *, urgent: bool) -> None:
        """As above, where each queue has a connection of its own."""
        self._waiting[stage, urgent].clear()


def _nobody(_stage: str) -> None:
    """Before a worker listens."""
