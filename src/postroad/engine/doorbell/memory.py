"""The doorbell within one process: for tests, and for the model of the protocol.

What is rung and not acked comes again when its hearer leaves, as with a broker.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from postroad.engine.doorbell.port import STAGES, Heard, Reference
from postroad.engine.doorbell.reference import read_reference, write_reference


class MemoryQueues:
    """What the doorbells of one process share."""

    def __init__(self) -> None:
        self.waiting: dict[tuple[str, bool], deque[bytes]] = {
            (stage, urgent): deque() for stage in STAGES for urgent in (True, False)
        }
        self.aside: list[bytes] = []
        self.hearers: dict[object, tuple[Callable[[str], None], Sequence[str]]] = {}

    def put(self, stage: str, body: bytes, *, urgent: bool = False) -> None:
        self.waiting[stage, urgent].append(body)
        self.tell(stage)

    def tell(self, stage: str) -> None:
        for heard, stages in self.hearers.values():
            if stage in stages:
                heard(stage)


class MemoryDoorbell:
    def __init__(self, queues: MemoryQueues) -> None:
        self._queues = queues
        self._unacked: dict[object, tuple[str, bool, bytes]] = {}

    async def run(self, heard: Callable[[str], None], stages: Sequence[str]) -> None:
        self._queues.hearers[self] = heard, stages
        for (stage, _), waiting in self._queues.waiting.items():
            if stage in stages:
                for _ in waiting:
                    heard(stage)
        await asyncio.Event().wait()

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        for urgent in (True,) if only_urgent else (True, False):
            if self._queues.waiting[stage, urgent]:
                return self._hand_out(stage, urgent=urgent)
        return None

    def _hand_out(self, stage: str, *, urgent: bool) -> Heard:
        body = self._queues.waiting[stage, urgent].popleft()
        handed_out = object()
        self._unacked[handed_out] = stage, urgent, body

        async def ack() -> None:
            self._unacked.pop(handed_out, None)

        async def put_aside() -> None:
            self._queues.aside.append(body)

        return Heard(read_reference(body, stage), ack, put_aside)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        for reference in references:
            self._queues.put(reference.stage, write_reference(reference), urgent=urgent)

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        return len(self._queues.waiting[stage, urgent])

    async def purge(self) -> None:
        for waiting in self._queues.waiting.values():
            waiting.clear()

    async def close(self) -> None:
        self._queues.hearers.pop(self, None)
        unacked, self._unacked = list(self._unacked.values()), {}
        for stage, urgent, body in unacked:
            self._queues.put(stage, body, urgent=urgent)
