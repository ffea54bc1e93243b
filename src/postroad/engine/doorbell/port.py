"""The port that every doorbell engine fills."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from postroad.core.ids import BatchId, RunId


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


class Doorbell(Protocol):
    """Losing, doubling, reordering or wiping what it carries changes nothing."""

    async def ring(self, references: list[Reference]) -> None:
        """Tell the workers that these batches are due."""
        ...

    def listen(self) -> AsyncIterator[Ring]:
        """Rings as they come, for ever; reconnects by itself."""
        ...

    async def depth(self, stage: str) -> int:
        """How many batches of a stage wait to be claimed."""
        ...

    async def purge(self) -> None:
        """Drop the references that wait. No batch changes by that."""
        ...
