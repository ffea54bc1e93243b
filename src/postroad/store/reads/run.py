"""One run: what it pins, its state, and what moves in it. The cost knows no recipients."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from postroad.core import launching
from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState, RunState
from postroad.core.unknown import UnknownPolicy
from postroad.store.rows import Row, row, rows

_TAKEN: Final = (
    DeliveryState.ACCEPTED,
    DeliveryState.DELIVERED,
    DeliveryState.BOUNCED,
    DeliveryState.COMPLAINED,
)


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run with its pins by name; names are '' where the thing is gone.

    `number` counts the campaign's runs. `release_in` and `elapsed` in seconds,
    by the database's clock, as `read_at` is. `relay_fault`: why relays of it are
    stopped, None when it is not. `workers`: how many are alive.
    """

    id: RunId
    campaign_id: int
    campaign: str
    number: int
    state: RunState
    state_before_hold: str
    reason: str
    recipients: int
    is_personal: bool
    sender_name: str
    sender_address: str
    revision_id: int
    content_id: int | None
    content: str
    revision: int
    audience_id: int | None
    audience: str
    version: int
    audience_words: str
    relay_id: int
    relay: str
    is_sandbox: bool
    connections: int
    launch_zone: str
    release_at: datetime | None
    created_at: datetime
    selected_at: datetime | None
    ready_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    unknown_policy: str
    resend_limit: int
    read_at: datetime
    release_in: float | None
    elapsed: float | None
    relay_fault: str | None
    other_relays: str | None
    workers: int

    @property
    def acts_on_unknowns(self) -> bool:
        """By itself, as its campaign says."""
        return self.unknown_policy != UnknownPolicy.HOLD

    @property
    def is_selecting(self) -> bool:
        return self.state is RunState.SELECTING

    @property
    def is_preparing(self) -> bool:
        """Selecting counts too: the report is not there yet."""
        return self.state in (RunState.SELECTING, RunState.PREPARING)

    @property
    def is_ready(self) -> bool:
        return self.state is RunState.READY

    @property
    def is_scheduled(self) -> bool:
        return self.state is RunState.SCHEDULED

    @property
    def is_running(self) -> bool:
        return self.state is RunState.RUNNING

    @property
    def is_paused(self) -> bool:
        return self.state is RunState.PAUSED

    @property
    def is_held(self) -> bool:
        return self.state is RunState.HELD

    @property
    def is_stopped(self) -> bool:
        return self.state is RunState.STOPPED

    @property
    def was_launched(self) -> bool:
        return self.started_at is not None

    @property
    def can_launch(self) -> bool:
        return self.is_ready

    @property
    def can_undo(self) -> bool:
        return launching.can_undo(self.state)

    @property
    def can_pause(self) -> bool:
        return launching.can_pause(self.state)

    @property
    def can_resume(self) -> bool:
        return launching.can_resume(self.state)

    @property
    def can_stop(self) -> bool:
        return launching.can_stop(self.state)

    @property
    def sender(self) -> str:
        """Clara Voss <clara@example.org>."""
        return (
            f"{self.sender_name} <{self.sender_address}>"
            if self.sender_name
            else self.sender_address
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """Replies of one class. `fact`: what they made of the mails; `code` None: no reply came."""

    fact: str
    code: int | None
    enhanced: str
    text: str
    lanes: str
    count: int


@dataclass(frozen=True, slots=True)
class Lane:
    """One provider group: mails leased to workers and in SMTP now; replies so far.

    `next_due_at`: of the first batch that waits; None where none does. `held_by` is
    the kind of the bucket that holds it back most, '' where none could; `held_at`
    its relay's name, `held_until` None while it still lets mails begin.
    """

    lane: str
    leased: int
    sending: int
    accepted: int
    deferrals: int
    rejections: int
    other: int
    next_due_at: datetime | None
    held_by: str
    held_at: str
    held_rate: int | None
    held_until: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What moves. `counts` by delivery state, from the counters, those at 0 left out.

    `sending`: begun and without an outcome, in SMTP now; they are still counted
    under the state of before. `accepted_lately` of this run within the last
    `lately_seconds`. `next_retry_at` None: no retry of this run is among the
    first that are due.
    """

    recipients: int
    is_selecting: bool
    counts: Mapping[str, int]
    sending: int
    preparing_batches: int
    preparing: int
    dispatching_batches: int
    leased_first: int
    leased_retries: int
    busy_workers: int
    next_retry_at: datetime | None
    accepted_lately: int
    lately_seconds: float
    dead_causes: int
    dead_cause: str | None
    replies: tuple[Reply, ...]
    lanes: tuple[Lane, ...]

    def of(self, *states: DeliveryState) -> int:
        return sum(self.counts.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def difference(self) -> int:
        """Recipients that no state accounts for; below 0: states without a recipient."""
        return 0 if self.is_selecting else self.recipients - self.total

    @property
    def settled(self) -> int:
        """Recipients whose end is known."""
        return sum(n for word, n in self.counts.items() if not DeliveryState(word).is_waiting)

    @property
    def taken(self) -> int:
        """All that the relay accepted, whatever came after."""
        return self.of(*_TAKEN)

    @property
    def selected(self) -> int:
        return self.of(DeliveryState.SELECTED)

    @property
    def prepared(self) -> int:
        return self.of(DeliveryState.PREPARED)

    @property
    def failed(self) -> int:
        return self.of(DeliveryState.FAILED)

    @property
    def skipped(self) -> int:
        return self.of(DeliveryState.SKIPPED)

    @property
    def suppressed(self) -> int:
        return self.of(DeliveryState.SUPPRESSED)

    @property
    def deferred(self) -> int:
        return self.of(DeliveryState.DEFERRED)

    @property
    def dead(self) -> int:
        return self.of(DeliveryState.DEAD)

    @property
    def unknown(self) -> int:
        return self.of(DeliveryState.UNKNOWN)

    @property
    def purged(self) -> int:
        return self.of(DeliveryState.PURGED)

    @property
    def done_preparing(self) -> int:
        """Recipients past the prepare stage, with bytes or with a reason why not."""
        return self.total - self.selected

    @property
    def kept(self) -> int:
        """Recipients with a mail: neither failed, nor skipped, nor suppressed by now."""
        without = self.selected + self.failed + self.skipped + self.suppressed
        return max(0, self.total - without)

    @property
    def preparation(self) -> Mapping[str, int]:
        """What the prepare stage came to, by the words of the states."""
        shown = {
            "prepared": self.kept,
            "failed": self.failed,
            "skipped": self.skipped,
            "suppressed": self.suppressed,
            "selected": self.selected,
        }
        return {word: count for word, count in shown.items() if count > 0}

    @property
    def waiting(self) -> int:
        """Mails that a stop would purge: not ended, and not in SMTP now."""
        waiting = self.selected + self.prepared + self.deferred + self.of(DeliveryState.HELD)
        return max(0, waiting - self.sending)

    @property
    def prepare_ready(self) -> int:
        return max(0, self.selected - self.preparing)

    @property
    def dispatch_ready(self) -> int:
        return max(0, self.prepared - self.leased_first)

    @property
    def retries(self) -> int:
        return max(0, self.deferred - self.leased_retries)

    @property
    def leased(self) -> int:
        return self.leased_first + self.leased_retries

    @property
    def bar(self) -> Mapping[str, int]:
        """The counts with what is in SMTP shown apart, taken from the state of before."""
        first = min(self.sending, self.prepared)
        again = min(self.sending - first, self.deferred)
        shown = dict(self.counts) | {
            "prepared": self.prepared - first,
            "deferred": self.deferred - again,
            "sending": first + again,
        }
        return {word: count for word, count in shown.items() if count > 0}

    @property
    def per_second(self) -> float:
        return round(self.accepted_lately / self.lately_seconds, 1)

    @property
    def seconds_left(self) -> float | None:
        """At the rate of now, for what has not been tried yet; None when nothing moves."""
        left = self.prepared + self.selected
        return left / self.per_second if self.per_second and left else None


def head(run_id: RunId) -> RunHead | None:
    """One query."""
    found = rows("run_head", {"run": run_id})
    return _head(found[0]) if found else None


def _head(found: Row) -> RunHead:
    found["id"], found["state"] = RunId(found["id"]), RunState(found["state"])
    found["campaign"] = found["campaign"] or f"Campaign {found['campaign_id']}"
    return RunHead(**found)


def progress(of: RunHead) -> Progress:
    """Three queries. After the head, whose `recipients` it is held against."""
    found = row("run_progress", {"run": of.id})
    counts = json.loads(found.pop("counts"))  # Django leaves jsonb to its model fields.
    return Progress(
        recipients=of.recipients,
        is_selecting=of.is_selecting,
        counts=counts,
        replies=tuple(Reply(**reply) for reply in rows("run_replies", {"run": of.id})),
        lanes=tuple(Lane(**lane) for lane in rows("run_lanes", {"run": of.id})),
        **found,
    )


def counts(run_id: RunId) -> Mapping[str, int]:
    """By delivery state, from the counters."""
    return {found["state"]: int(found["count"]) for found in rows("run_counts", {"run": run_id})}
