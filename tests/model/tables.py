"""The database of the model: rows, the journal with its fold, and tokens."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from postroad.core.lifecycle import FACT_RULES, Fact, FactKind, Folded, RunState

from .driver import BatchRow, Bucket, Item, JournalRow, Limits, Person, Stage, Tables
from .variants import Variant

DAY = 86_400.0
FOREVER = float("inf")


@dataclass
class Run:
    id: int
    campaign: int
    people: Sequence[Person]
    priority: int
    state: RunState = RunState.SELECTING
    before_hold: RunState | None = None
    epoch: int = 1
    release_at: float | None = None
    owner: int | None = None
    claim: int = 0
    recipients: int = 0


@dataclass
class Batch:
    id: int
    run: int
    lane: str
    stage: Stage
    priority: int
    due_at: float | None
    items: list[Item]
    until: float = FOREVER
    is_recalled: bool = False
    """Its queue was purged while a worker held it."""
    owner: int | None = None
    claim: int = 0
    started_upto: int = 0
    rung_at: float | None = None


@dataclass
class Retry:
    due_at: float
    item: Item
    lane: str


@dataclass
class Flow:
    """A bucket with all moments it gave out, in order."""

    bucket: Bucket
    moments: list[float] = field(default_factory=list)

    def next_at(self, now: float) -> float:
        """The earliest moment of one more token."""
        last = self.moments[-1] + self.bucket.interval if self.moments else now
        cap = self.bucket.per_day
        old = self.moments[-cap] + DAY if cap is not None and len(self.moments) >= cap else now
        return max(now, last, old)


@dataclass
class Database:
    limits: Limits = field(default_factory=Limits)
    variant: Variant = Variant.RIGHT
    clock: float = 0.0
    runs: dict[int, Run] = field(default_factory=dict)
    batches: dict[int, Batch] = field(default_factory=dict)
    people: dict[tuple[int, int], Person] = field(default_factory=dict)
    bytes_at: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    states: dict[tuple[int, int], Folded] = field(default_factory=dict)
    counts: Counter[tuple[int, str]] = field(default_factory=Counter)
    retries: dict[tuple[int, int, int], Retry] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
    unknown_since: dict[tuple[int, int], float] = field(default_factory=dict)
    ordered: set[tuple[int, int, int]] = field(default_factory=set)
    """Tries the manager had sent again, by resend or requeue: one order each."""
    discarded: set[tuple[int, int, int]] = field(default_factory=set)
    changed_files: set[tuple[int, int]] = field(default_factory=set)
    suppressed: set[str] = field(default_factory=set)
    alive_until: dict[int, float] = field(default_factory=dict)
    flows: dict[tuple[str, str], Flow] = field(default_factory=dict)
    has_ledger = True
    has_files = True

    def now(self) -> float:
        return self.clock

    def advance(self, seconds: float, beating: frozenset[int]) -> None:
        self.clock += seconds
        for worker in beating:
            self.alive_until[worker] = self.clock + self.limits.dead_after

    def set_bucket(self, bucket: Bucket) -> None:
        self.flows[bucket.kind, bucket.key] = Flow(bucket)

    def suppress(self, address: str) -> None:
        self.suppressed.add(address)

    def change_file(self, run: int, n: int) -> None:
        self.changed_files.add((run, n))

    def tables(self) -> Tables:
        return Tables(
            runs={run.id: run.state for run in self.runs.values()},
            recipients={run.id: run.recipients for run in self.runs.values()},
            addresses={key: person.address for key, person in self.people.items()},
            states=self.states,
            counts=self.counts,
            batches=[
                BatchRow(b.id, b.run, b.stage, b.owner, tuple(b.items), b.started_upto)
                for b in self.batches.values()
            ],
            retries=list(self.retries),
            journal=self.journal,
            tokens={key: flow.moments for key, flow in self.flows.items()},
        )

    # facts

    def record(self, run: int, n: int, fact: Fact, worker: int | None = None) -> None:
        """Journal, fold, count, and what follows (P8, P9, P10, P11)."""
        self.journal.append(JournalRow(run, n, fact.attempt, fact.kind, worker))
        before = self.states[run, n]
        after = before.take(fact)
        self._put(run, n, after)
        if after.fact is FactKind.UNKNOWN and before.fact is not FactKind.UNKNOWN:
            self.unknown_since[run, n] = self.clock
        decides = (after.fact, after.attempt) != (before.fact, before.attempt)
        self._follow(run, n, fact, decides=decides and after.fact is fact.kind)

    def raise_attempt(self, run: int, n: int, attempt: int) -> None:
        """Pass a try over: it will never begin, the state is kept (P5 c)."""
        row = self.states[run, n]
        self._put(run, n, replace(row, attempt=max(row.attempt, attempt)))

    def _put(self, run: int, n: int, row: Folded) -> None:
        old = self.states.get((run, n))
        if old is not None:
            self.counts[run, old.state] -= 1
        self.counts[run, row.state] += 1
        self.states[run, n] = row

    def _follow(self, run: int, n: int, fact: Fact, *, decides: bool) -> None:
        if FACT_RULES[fact.kind].over_all > 0:
            for key in [key for key in self.retries if key[:2] == (run, n)]:
                del self.retries[key]
        if fact.kind not in (FactKind.DEFERRED, FactKind.NOT_BEGUN):
            return
        row = self.states[run, n]
        again = self.variant is Variant.REPEAT_RETRIES and row.attempt == fact.attempt
        late = self.variant is Variant.DEFERRAL_AFTER_SETTLED and row.attempt == fact.attempt
        if not (decides or late or (again and row.fact is fact.kind)):
            return
        is_deferred = fact.kind is FactKind.DEFERRED
        if self.runs[run].state is RunState.STOPPED:
            self.record(run, n, Fact(fact.attempt + 1, FactKind.PURGED))
        elif is_deferred and fact.attempt >= self.limits.give_up_after:
            self.record(run, n, Fact(fact.attempt, FactKind.DEAD))
        else:
            self.retry(run, n, fact.attempt + 1, self.limits.backoff if is_deferred else 0)

    def retry(self, run: int, n: int, attempt: int, wait: float) -> None:
        """A later try; a retry row keeps a run open, so a finished one runs again."""
        source, index = self.bytes_at[run, n]
        lane = self.people[run, n].lane
        key = (run, n, attempt)
        if key not in self.retries:
            self.retries[key] = Retry(self.clock + wait, Item(n, attempt, source, index), lane)
        if self.runs[run].state is RunState.FINISHED and (
            self.variant is not Variant.LATE_LEAVES_FINISHED
        ):
            self.runs[run].state = RunState.RUNNING

    # batches

    def unanswered(self, batch: Batch) -> list[Item]:
        """Begun without outcome."""
        begun = batch.items[: batch.started_upto]
        return [i for i in begun if self.states[batch.run, i.n].attempt < i.attempt]

    def end_if_over(self, batch: Batch) -> bool:
        """P6, in the transaction of the last outcomes."""
        if batch.started_upto < len(batch.items) or self.unanswered(batch):
            return False
        batch.stage, batch.owner = Stage.DONE, None
        return True

    def purge(self, batch: Batch) -> None:
        """P11 for one unowned batch: what never began is purged."""
        for item in batch.items[batch.started_upto :]:
            if self.states[batch.run, item.n].attempt < item.attempt:
                self.record(batch.run, item.n, Fact(item.attempt, FactKind.PURGED))
        batch.stage, batch.owner = Stage.DONE, None

    def purge_retries(self, run: int) -> None:
        for key in [key for key in self.retries if key[0] == run]:
            del self.retries[key]
            self.record(run, key[1], Fact(key[2], FactKind.PURGED))

    def take_token(self, run: Run, lane: str) -> float | None:
        """P5 (d): one token of relay, lane and campaign; None when none is near."""
        flows = self._flows(run, lane)
        moment = max([self.clock, *(flow.next_at(self.clock) for flow in flows)])
        if moment > self.clock + self.limits.token_span:
            return None
        for flow in flows:
            flow.moments.append(moment)
        return moment

    def token_due(self, run: Run, lane: str) -> float:
        flows = self._flows(run, lane)
        return max([self.clock, *(flow.next_at(self.clock) for flow in flows)])

    def _flows(self, run: Run, lane: str) -> list[Flow]:
        keys = (("relay", "1"), ("lane", lane), ("campaign", str(run.campaign)))
        return [self.flows[key] for key in keys if key in self.flows]
