"""The port that every doorbell engine fills.

The bells for select and control always come from the database; what an engine
carries are references to batches due at prepare and dispatch. Losing, doubling,
reordering or wiping them changes nothing (P0).
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from postroad.core.ids import BatchId, RunId

STAGES = ("prepare", "dispatch")
"""Those whose batches are rung for."""


class Bell(StrEnum):
    """What was rung about. Select and control are always rung by the database."""

    SELECT = "select"
    PREPARE = "prepare"
    DISPATCH = "dispatch"
    CONTROL = "control"


@dataclass(frozen=True, slots=True)
class Ring:
    """One sound of the bell. `run` is None when the bell does not say."""

    bell: Bell
    run: RunId | None


@dataclass(frozen=True, slots=True)
class Reference:
    """Claim check of a batch: {v, run, epoch, batch, stage}, never a mail."""

    run: RunId
    epoch: int
    batch: BatchId
    stage: str
    v: int = 1


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Its reason is a sentence for the journal."""

    reason: str


class NotRung(OSError):
    """The engine did not confirm all references: it is away, or said no."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came over the bell: a reference, or why it is none and is put aside."""

    reference: Reference | Unreadable
    ack: Callable[[], Awaitable[None]]
    """To be called once the claim is committed, or the reference was stale."""
    put_aside: Callable[[], Awaitable[None]]
    """Keeps what could not be read in a place of its own. Raises NotRung."""


class Doorbell(Protocol):
    """What the database rings."""

    def listen(self) -> AsyncIterator[Ring]:
        """Rings as they come, for ever; reconnects by itself."""
        ...


class Carrier(Protocol):
    """A broker that carries references, in a queue a stage and one for its urgent ones."""

    def run(
        self, heard: Callable[[str], None], stages: Sequence[str]
    ) -> Coroutine[object, object, None]:
        """Keeps the connection, for ever; `heard` is called with the stage of what came."""
        ...

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        """The next reference that came, urgent ones first; None: nothing is here."""
        ...

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        """Raises NotRung unless all are confirmed."""
        ...

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        """How many references wait, by the engine's own number. Raises NotRung."""
        ...

    async def purge(self) -> None:
        """Drop the references that wait. No batch changes by that."""
        ...

    async def close(self) -> None: ...
