"""The two queues: by stage and lane, and what a purge or a stop of everything would end."""

from dataclasses import dataclass
from datetime import datetime

from postroad.core.queue import QueueStage
from postroad.store.rows import row, rows


@dataclass(frozen=True, slots=True)
class QueueFigure:
    """One lane of one stage: 'prepare', 'dispatch', or 'purge' for what is being purged.

    `waiting_mails` has the waiting `retries` in it. Rung: told to the doorbell
    and not claimed. Owned: a worker has them; `sending` of these are in SMTP.
    """

    stage: str
    lane: str
    waiting_batches: int
    waiting_mails: int
    retries: int
    due_batches: int
    due_mails: int
    rung_batches: int
    owned_batches: int
    owned_mails: int
    sending: int
    next_due_at: datetime | None
    oldest_due_at: datetime | None
    oldest_due_seconds: float | None


@dataclass(frozen=True, slots=True)
class Queues:
    """`age_seconds`: how old the figures are, None when none were ever made."""

    figures: tuple[QueueFigure, ...]
    age_seconds: float | None

    def of(self, stage: str) -> tuple[QueueFigure, ...]:
        return tuple(figure for figure in self.figures if figure.stage == stage)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a purge of a queue would take now.

    `mails` wait, `held` more are with workers and not begun: both are purged.
    At most `sending` are in SMTP and go out.
    """

    runs: int
    batches: int
    mails: int
    retries: int
    held: int
    sending: int

    @property
    def purged(self) -> int:
        return self.mails + self.held


@dataclass(frozen=True, slots=True)
class Live:
    """What stopping everything would end: `mails` wait, `sending` of them are in SMTP now."""

    runs: int
    mails: int
    sending: int

    @property
    def waiting(self) -> int:
        return max(0, self.mails - self.sending)


def queues() -> Queues:
    """Two queries of a few rows, whatever waits."""
    found = tuple(QueueFigure(**each) for each in rows("queue_figures"))
    return Queues(found, row("queue_age")["seconds"])


def waiting(stage: QueueStage) -> Waiting:
    """Counted from the batches: exact, and slower the more of them wait."""
    return Waiting(**row("queue_waiting", {"stage": stage}))


def everything_live() -> Live:
    return Live(**row("everything_live"))
