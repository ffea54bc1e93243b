"""How a worker gets its next batch: by what it hears from a broker, or by looking itself.

Without a broker it always looks: the batch table is the queue.
"""

from collections.abc import Callable

import structlog

from postroad.engine.doorbell.port import (
    STAGES,
    Carrier,
    Heard,
    NotRung,
    Reference,
    Unreadable,
)
from postroad.engine.protocol import ClaimedBatch, Protocol, Room

_log = structlog.get_logger()
MOST_AHEAD = 2000
"""References that wait in a queue at a time."""
FEW_AHEAD = 1000
"""With fewer, a queue is topped up."""
_DEPTH_SECONDS = 5.0
"""So often the metrics are told how many wait."""


class Hearing:
    def __init__(
        self,
        carrier: Carrier | None,
        protocol: Protocol,
        look_seconds: float,
        sweep_seconds: float,
        clock: Callable[[], float],
    ) -> None:
        self._carrier = carrier
        self._protocol = protocol
        self._look_seconds = look_seconds
        self._sweep_seconds = sweep_seconds
        self._clock = clock
        self._unanswered: dict[str, Heard] = {}
        """Taken and not acked, because the database was away in between."""
        self._is_heeded = True
        self._look_at = dict.fromkeys(STAGES, 0.0)
        """When a stage looks by itself, having heard nothing until then."""
        self._has_forgotten: set[str] = set()
        """Stages with a reference that there was no room for, as far as we know."""
        self._depths: dict[str, int] = {}
        """By queue, what waited there when it was last read."""
        self._tell_depths_at = 0.0

    async def claim(self, stage: str, room: Room) -> ClaimedBatch | None:
        """None: nothing was heard, and nothing was found where a look was due.

        With room for urgent ones alone, the references of others stay where they are.
        """
        if self._carrier is None:
            return await self._protocol.claim_batch(stage, room)
        while (heard := self._next(self._carrier, stage, room)) is not None:
            self._look_at[stage] = self._clock() + self._look_seconds
            self._unanswered[stage] = heard
            claimed = await self._answer(heard, room)
            del self._unanswered[stage]
            if claimed is not None:
                return claimed
            # Stale, or not for this worker now: what is due is marked as rung, so look for it.
            self._look_at[stage] = self._clock()
            self._has_forgotten.add(stage)
        if room.is_urgent_only:
            # A carrier that waits for room with other references has none of these to tell.
            return await self._protocol.claim_batch(stage, room)
        if self._clock() < self._look_at[stage]:
            return None
        claimed = await self._protocol.claim_batch(stage, room)
        if claimed is None:
            self._look_at[stage] = self._clock() + self._look_seconds
            if room.is_for_all:
                self._has_forgotten.discard(stage)
        return claimed

    def made_room(self, stage: str) -> None:
        """A batch has ended: what was forgotten for want of room is looked for at once."""
        if stage in self._has_forgotten:
            self._look_at[stage] = self._clock()

    async def seconds_to_sleep(self, stage: str) -> float:
        """No longer than until the next batch falls due, or until the next look."""
        due = await self._protocol.next_due(stage)
        if due is not None and due < self._look_seconds:
            self._look_at[stage] = min(self._look_at[stage], self._clock() + due)
            return max(due, 0.001)
        return self._look_seconds

    async def top_up(self) -> bool:
        """Ring for what is due and was not rung for of late. False, as a turn without news."""
        if self._carrier is None:
            return False
        refusals = [
            refusal
            for stage in STAGES
            for urgent in (True, False)
            if (refusal := await self._top_up(self._carrier, stage, urgent=urgent))
        ]
        if refusals and self._is_heeded:
            _log.warning("not_rung", cause=str(refusals[0]))
        self._is_heeded = not refusals
        await self._tell_depths()
        return False

    async def _tell_depths(self) -> None:
        if not self._depths or self._clock() < self._tell_depths_at:
            return
        self._tell_depths_at = self._clock() + _DEPTH_SECONDS
        names, waiting = list(self._depths), list(self._depths.values())
        self._depths = {}
        await self._protocol.value("SELECT note_depths(%s::text[], %s::bigint[])", names, waiting)

    async def _top_up(self, carrier: Carrier, stage: str, *, urgent: bool) -> NotRung | None:
        """What the broker said against it: a queue without a leader silences no other."""
        try:
            waiting = await carrier.depth(stage, urgent=urgent)
        except NotRung as refusal:
            return refusal
        self._depths[f"{stage}.urgent" if urgent else stage] = waiting
        if waiting >= FEW_AHEAD:
            return None
        due = await self._protocol.ring_due(
            stage, urgent, MOST_AHEAD, MOST_AHEAD - waiting, self._sweep_seconds
        )
        if not due:
            return None
        try:
            await carrier.ring(due, urgent=urgent)
        except NotRung as refusal:
            await self._unring(due)
            return refusal
        return None

    async def _unring(self, references: list[Reference]) -> None:
        batches = [reference.batch for reference in references]
        await self._protocol.value("SELECT unring(%s)", batches)

    def _next(self, carrier: Carrier, stage: str, room: Room) -> Heard | None:
        is_urgent = room.is_urgent_only
        return self._unanswered.get(stage) or carrier.take(stage, only_urgent=is_urgent)

    async def _answer(self, heard: Heard, room: Room) -> ClaimedBatch | None:
        """Claim what a reference names, and ack once that is committed."""
        if not isinstance(heard.reference, Unreadable):
            claimed = await self._protocol.claim_rung(heard.reference, room)
            await heard.ack()
            return claimed
        try:
            await heard.put_aside()
        except NotRung as refusal:
            # Not acked, it goes back to its queue by itself.
            _log.warning("not_put_aside", cause=str(refusal))
            return None
        await self._protocol.value(
            "SELECT journal_act('put_aside', %s, %s)",
            self._protocol.actor,
            heard.reference.reason,
        )
        await heard.ack()
        return None
