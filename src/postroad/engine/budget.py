"""How many mails a worker may have begun without an outcome (P5).

At most the window, or what its relays answer in a second where that is less:
so a kill at a slow relay leaves few unknowns.
"""

import asyncio
from collections.abc import Callable

MOST_BEGUN = 100
"""Mails of one worker begun without an outcome: the bound on unknowns per kill."""
LEAST_BEGUN = 10
"""Of a lane, however slow."""
LEFT_TO_URGENT = 10
"""Of the most: what others could hold for long, as nobody answers them."""
_TICK_SECONDS = 0.1


class Budget:
    """Shared by all batches of a worker. Everything in one event loop; `clock` in seconds.

    A mail counts from the moment its mark is asked for until its outcome is
    *recorded*: one that was only read dies with the worker.

    A lane has a budget of its own within that of the worker: one for all would
    be used up by a lane that nobody answers, and no other would begin a mail.
    """

    def __init__(
        self, most: int, least: int, clock: Callable[[], float], within: "Budget | None" = None
    ) -> None:
        self._most = most
        self._least = min(least, most)
        self._clock = clock
        self._limit = self._least
        self._begun = 0
        self._answered = 0
        self._ticked_at = clock()
        self._within = within
        self.is_modest = False
        """Others need what it has beyond its least: it takes no more of that."""
        self.in_progress: set[int] = set()
        """The serials of batches of which some mails have begun and others wait for room."""
        self.starving: dict[asyncio.Event, Callable[[], bool]] = within.starving if within else {}

    @property
    def begun(self) -> int:
        return self._begun

    @property
    def limit(self) -> int:
        """By the own pace, and by what the others within the same bound have left."""
        own = self._least if self.is_modest else self._limit
        if self._within is None:
            return own
        others = self._within.begun - self._begun
        return max(0, min(own, self._within.limit - others))

    @property
    def free(self) -> int:
        return self.room()

    def room(self, pending: int = 0) -> int:
        """How many may begin; `pending`: so many will be settled by the same report."""
        return max(0, self.limit - self._begun + pending)

    def is_half(self, mails: int) -> bool:
        return mails * 2 >= max(1, self.limit)

    def take(self, mails: int) -> None:
        self._begun += mails
        if self._within:
            self._within.take(mails)

    def give(self, mails: int) -> None:
        """Not begun after all."""
        self._begun -= mails
        if self._within:
            self._within.give(mails)
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
        if self._within:
            self._within.settle(mails)
        self._wake()

    def _wake(self) -> None:
        for event, has_enough in self.starving.items():
            if has_enough():
                event.set()

    async def or_freed(self, event: asyncio.Event, is_enough: Callable[[int], bool]) -> None:
        """Wait for the event, or for enough to be free where it is not now."""

        def has_enough() -> bool:
            return is_enough(self.free)

        if not has_enough():
            self.starving[event] = has_enough
        try:
            await event.wait()
        finally:
            self.starving.pop(event, None)


class Budgets:
    """Those of a worker: one in all, within it one a lane; urgent mails have their own.

    Others may have the whole while their relays answer as many in a second, and
    no urgent batch is here; else they keep to their part of it.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._all = Budget(MOST_BEGUN, MOST_BEGUN, clock)
        self._others = Budget(MOST_BEGUN, MOST_BEGUN - LEFT_TO_URGENT, clock, self._all)
        self._lanes: dict[tuple[str, bool], Budget] = {}

    @property
    def begun(self) -> int:
        return self._all.begun

    @property
    def are_free(self) -> bool:
        """A mail that is not urgent could begin."""
        return bool(self._others.free)

    def of(self, lane: str, *, is_urgent: bool) -> Budget:
        key = lane, is_urgent
        if key not in self._lanes:
            within = self._all if is_urgent else self._others
            self._lanes[key] = Budget(MOST_BEGUN, LEAST_BEGUN, self._clock, within)
        return self._lanes[key]

    def make_way(self, *, is_urgent_here: bool) -> None:
        self._others.is_modest = is_urgent_here
