"""How many mails a worker may have begun without an outcome (P5).

At most the window, or what its relays answer in a second where that is less:
so a kill at a slow relay leaves few unknowns.
"""

import asyncio
from collections.abc import Callable

_TICK_SECONDS = 0.1


class Budget:
    """Shared by all batches of a worker. Everything in one event loop; `clock` in seconds.

    A mail counts from the moment its mark is asked for until its outcome is
    *recorded*: one that was only read dies with the worker.
    """

    def __init__(self, most: int, least: int, clock: Callable[[], float]) -> None:
        self._most = most
        self._least = min(least, most)
        self._clock = clock
        self._limit = self._least
        self._begun = 0
        self._answered = 0
        self._ticked_at = clock()
        self._starving: set[asyncio.Event] = set()

    @property
    def free(self) -> int:
        return max(0, self._limit - self._begun)

    def is_worth_a_window(self, pending: int = 0) -> bool:
        """Half is free: the smaller a window, the dearer each of its mails.

        `pending`: so many more will be settled by the same report.
        """
        return self.is_half(self.free + pending)

    def is_half(self, mails: int) -> bool:
        return mails * 2 >= self._limit

    def take(self, mails: int) -> None:
        self._begun += mails

    def give(self, mails: int) -> None:
        """Not begun after all."""
        self._begun -= mails
        self._wake()

    def settle(self, mails: int) -> None:
        """So many outcomes are recorded; the pace of these sets the limit."""
        self._begun -= mails
        self._answered += mails
        passed = self._clock() - self._ticked_at
        if passed >= _TICK_SECONDS:
            a_second = round(self._answered / passed)
            self._limit = max(self._least, min(self._most, a_second))
            self._answered, self._ticked_at = 0, self._clock()
        self._wake()

    def _wake(self) -> None:
        if self._starving and self.is_worth_a_window():
            for event in self._starving:
                event.set()

    async def or_freed(self, event: asyncio.Event) -> None:
        """Wait for the event, or for enough to be free where it is not now."""
        if not self.is_worth_a_window():
            self._starving.add(event)
        try:
            await event.wait()
        finally:
            self._starving.discard(event)
