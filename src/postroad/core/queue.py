"""The two queues as a person sees them, and what came of purging one or stopping everything."""

from dataclasses import dataclass
from typing import Literal

QueueStage = Literal["prepare", "dispatch"]


@dataclass(frozen=True, slots=True)
class QueuePurged:
    """What waited, or was held and not begun, has left the queue.

    Its journal rows follow within seconds. At most `in_flight` mails more were in
    SMTP: they still get their reply, and one that is put off is tried again.
    """

    stage: QueueStage
    runs: int
    batches: int
    mails: int
    in_flight: int = 0

    @property
    def text(self) -> str:
        mails = "1 mail" if self.mails == 1 else f"{self.mails:,} mails"
        runs = "1 run" if self.runs == 1 else f"{self.runs:,} runs"
        text = f"The {self.stage} queue is purged: {mails} of {runs} never go out"
        if self.in_flight:
            text += f", {self.in_flight:,} in SMTP still get their reply"
        return f"{text}."


@dataclass(frozen=True, slots=True)
class NothingQueued:
    """The queue was empty; nothing changed."""

    stage: QueueStage

    @property
    def text(self) -> str:
        return f"Nothing waits in the {self.stage} queue: there was nothing to purge."


@dataclass(frozen=True, slots=True)
class EverythingStopped:
    """Every run that lived is stopped for good.

    At most `in_flight` mails were in SMTP and still get their reply; `purged`
    waited and never begin.
    """

    runs: int
    in_flight: int
    purged: int

    @property
    def text(self) -> str:
        runs = "1 run is" if self.runs == 1 else f"{self.runs:,} runs are"
        text = f"Everything is stopped: {runs} over, {self.purged:,} waiting mails are purged"
        if self.in_flight:
            text += f", {self.in_flight:,} in SMTP still get their reply"
        return f"{text}."


@dataclass(frozen=True, slots=True)
class NothingRuns:
    """No run lived; nothing changed."""

    text: str = "No run is live: there was nothing to stop."


PurgeOutcome = QueuePurged | NothingQueued
StopEverythingOutcome = EverythingStopped | NothingRuns
