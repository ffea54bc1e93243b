"""The worker processes: who they are, whether they live, what they do."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from postroad.store.rows import rows


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """The database's clock says who is alive. `silent_seconds`: since the last heartbeat."""

    id: UUID
    host: str
    pid: int
    version: str
    stages: tuple[str, ...]
    started_at: datetime
    beat_at: datetime
    ended_at: datetime | None
    is_draining: bool
    in_flight: int
    done: int
    rate: float
    owned: int
    heard_drain: bool
    slot: str
    is_alive: bool
    silent_seconds: float

    @property
    def short_id(self) -> str:
        return str(self.id)[:8]

    @property
    def word(self) -> str:
        """alive, draining, ended (in order) or silent (its lease ran out)."""
        if self.is_alive:
            return "draining" if self.is_draining else "alive"
        return "ended" if self.ended_at else "silent"

    @property
    def can_undo_drain(self) -> bool:
        """Until a heartbeat has told it: then it hands back what it owns."""
        return self.is_alive and self.is_draining and not self.heard_drain


def read_workers() -> tuple[WorkerRow, ...]:
    """The living first; those that ended or fell silent are shown for a day. At most 100."""
    return tuple(WorkerRow(**row | {"stages": tuple(row["stages"])}) for row in rows("worker_list"))


@dataclass(frozen=True, slots=True)
class RestingSlot:
    """A supervisor's place whose worker was drained, by `actor`."""

    host: str
    slot: str
    since: datetime
    actor: str


def read_resting() -> tuple[RestingSlot, ...]:
    """Those that have rested longest first. At most 100."""
    return tuple(RestingSlot(**row) for row in rows("resting_slots"))
