"""What the dashboard shows: what runs, what needs a person, what was, and whether all is well."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from postroad.core.lifecycle import DeliveryState, RunState
from postroad.store.reads.shell import Nav, read_nav
from postroad.store.rows import Row, row, rows

_EXACT_CONTACTS: Final = 20_000
"""More contacts are estimated: the dashboard costs the same at a million."""


_BEFORE_LAUNCH = (RunState.SELECTING, RunState.PREPARING, RunState.READY)


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run. `counts` by delivery state, those at 0 left out."""

    id: int
    campaign_id: int
    campaign: str
    number: int
    state: str
    reason: str
    recipients: int
    counts: Mapping[str, int]
    started_at: datetime | None
    finished_at: datetime | None
    release_at: datetime | None

    @property
    def settled(self) -> int:
        """Recipients whose end is known."""
        return sum(
            count for word, count in self.counts.items() if not DeliveryState(word).is_waiting
        )

    @property
    def accepted(self) -> int:
        """All that the relay took, whatever came after."""
        after = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.BOUNCED,
                 DeliveryState.COMPLAINED)  # fmt: skip
        return sum(self.counts.get(state, 0) for state in after)

    @property
    def adds_up(self) -> bool:
        return sum(self.counts.values()) == self.recipients

    @property
    def is_live(self) -> bool:
        return RunState(self.state).is_live

    @property
    def prepared(self) -> int:
        return self.counts.get(DeliveryState.PREPARED, 0)

    @property
    def was_launched(self) -> bool:
        return self.state not in _BEFORE_LAUNCH

    @property
    def is_ready(self) -> bool:
        return self.state == RunState.READY

    @property
    def is_scheduled(self) -> bool:
        return self.state == RunState.SCHEDULED

    @property
    def is_running(self) -> bool:
        return self.state == RunState.RUNNING

    @property
    def is_paused(self) -> bool:
        return self.state == RunState.PAUSED

    @property
    def needs_a_person(self) -> bool:
        return self.state == RunState.HELD


@dataclass(frozen=True, slots=True)
class RelayLine:
    """`stopped_at` none: in use. `retry_at` none while stopped: a person must act."""

    id: int
    name: str
    is_sandbox: bool
    host: str
    port: int
    is_default: bool
    stopped_at: datetime | None
    retry_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class WorkersLine:
    """All workers alive. `beat_seconds`: since the latest heartbeat, none without a worker."""

    alive: int
    hosts: int
    beat_seconds: float | None
    in_flight: int


@dataclass(frozen=True, slots=True)
class AlarmLine:
    """What must not be and is. `key` says what it is about, `run_id` where that is a run."""

    kind: str
    key: str
    run_id: int | None
    text: str
    raised_at: datetime
    campaign: str | None
    number: int


@dataclass(frozen=True, slots=True)
class Home:
    """`month`: by state, of runs started in the last 30 days."""

    at: datetime
    nav: Nav
    contacts: int
    is_estimate: bool
    campaigns: int
    contents: int
    content: str | None
    run_count: int
    dead_causes: int
    preparing: int
    dispatching: int
    server: str
    live: tuple[RunLine, ...]
    ended: tuple[RunLine, ...]
    workers: WorkersLine
    relays: tuple[RelayLine, ...]
    alarms: tuple[AlarmLine, ...]
    month: Mapping[str, int]

    @property
    def is_first_start(self) -> bool:
        return self.campaigns == 0 and self.run_count == 0

    @property
    def held(self) -> tuple[RunLine, ...]:
        return tuple(run for run in self.live if run.needs_a_person)

    @property
    def stopped_relays(self) -> tuple[RelayLine, ...]:
        return tuple(relay for relay in self.relays if relay.stopped_at is not None)

    @property
    def relay_names(self) -> tuple[str, ...]:
        """The real ones."""
        return tuple(relay.name for relay in self.relays if not relay.is_sandbox)

    @property
    def needs(self) -> int:
        """How many lines stand under *Needs you*."""
        lines = (self.nav.dead, self.nav.unknown, self.nav.difference, not self.workers.alive)
        shown = (self.held, self.stopped_relays, self.alarms)
        return sum(map(bool, lines)) + sum(map(len, shown))

    @property
    def month_total(self) -> int:
        return sum(self.month.values())

    @property
    def run_ids(self) -> tuple[int, ...]:
        runs = [run.id for run in (*self.live, *self.ended)]
        return (*runs, *(alarm.run_id for alarm in self.alarms if alarm.run_id is not None))


def read_home(now: datetime) -> Home:
    """Seven queries at any size."""
    figures = row("home_figures", {"contacts": _EXACT_CONTACTS})
    lines = [_run(found) for found in rows("home_runs")]
    return Home(
        at=now,
        nav=read_nav(now),
        run_count=figures.pop("runs"),
        **figures,
        live=tuple(line for line in lines if line.is_live),
        ended=tuple(line for line in lines if not line.is_live),
        workers=WorkersLine(**row("home_workers")),
        relays=tuple(RelayLine(**found) for found in rows("home_relays")),
        alarms=tuple(AlarmLine(**found) for found in rows("home_alarms")),
        month={found["state"]: int(found["count"]) for found in rows("home_month")},
    )


def _run(found: Row) -> RunLine:
    name = found.pop("name") or f"Campaign {found['campaign_id']}"
    counts = json.loads(found.pop("counts"))  # Django leaves jsonb to its model fields.
    return RunLine(campaign=name, counts=counts, **found)
