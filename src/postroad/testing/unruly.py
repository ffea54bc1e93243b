"""A doorbell that loses, doubles and reorders what it is given to carry."""

import random
from collections.abc import Callable, Coroutine, Sequence

from postroad.engine.doorbell.port import Carrier, Heard, Reference


class UnrulyDoorbell:
    """Around any other. A third is lost, a third doubled, all in any order."""

    def __init__(self, inner: Carrier, dice: random.Random) -> None:
        self._inner = inner
        self._dice = dice
        self.run: Callable[
            [Callable[[str], None], Sequence[str]], Coroutine[object, object, None]
        ] = inner.run
        self.purge, self.close = inner.purge, inner.close

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        return self._inner.take(stage, only_urgent=only_urgent)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        carried = [each for each in references for _ in range(self._dice.randrange(3))]
        self._dice.shuffle(carried)
        await self._inner.ring(carried, urgent=urgent)

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        return await self._inner.depth(stage, urgent=urgent)
