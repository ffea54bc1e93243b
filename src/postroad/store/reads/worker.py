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
    is_alive: bool
    silent_seconds: float
    lived_seconds: float

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
    def per_second(self) -> float | None:
        """Mails a second over its whole life, None before the first second."""
        return round(self.done / self.lived_seconds, 1) if self.lived_seconds >= 1 else None


def read_workers() -> tuple[WorkerRow, ...]:
    """The living first; those that ended or fell silent are shown for a day. At most 100."""
    return tuple(WorkerRow(**row | {"stages": tuple(row["stages"])}) for row in rows("worker_list"))
