"""P1 to P3 and the scheduler, in memory."""

from collections.abc import Mapping, Sequence

from postroad.core.lifecycle import DeliveryState, Fact, FactKind, Folded, RunState

from .driver import Item, Person, Stage
from .tables import Batch, Database, Run
from .variants import Variant

_ONE_AT_A_TIME = (RunState.SELECTING, RunState.PREPARING, RunState.READY, RunState.SCHEDULED)


class Preparing(Database):
    def verify(self, campaign: int, people: Sequence[Person], *, urgent: bool) -> int:
        for run in self.runs.values():
            if run.campaign == campaign and run.state in _ONE_AT_A_TIME:
                return run.id
        run = Run(len(self.runs) + 1, campaign, tuple(people), int(urgent))
        self.runs[run.id] = run
        return run.id

    def claim_run(self, worker: int) -> tuple[int, int] | None:
        for run in self.runs.values():
            if run.state is RunState.SELECTING and run.owner is None:
                run.owner = worker
                run.claim += 1
                return run.id, run.claim
        return None

    def select(self, worker: int, run: int, claim: int) -> bool:
        """P1: everything in one transaction, or nothing."""
        row = self.runs[run]
        if row.owner != worker or row.claim != claim:
            return False
        row.owner = None
        if row.state is not RunState.SELECTING:
            return False
        people = [p for p in row.people if p.address not in self.suppressed]
        row.recipients = len(people)
        for n, person in enumerate(people, 1):
            self.people[run, n] = person
            self._put(run, n, Folded())
        for lane in sorted({person.lane for person in people}):
            self._batch_lane(row, lane)
        row.state = RunState.PREPARING
        return True

    def _batch_lane(self, run: Run, lane: str) -> None:
        numbers = [n for (r, n), p in self.people.items() if r == run.id and p.lane == lane]
        size = self.limits.batch_size
        for start in range(0, len(numbers), size):
            batch = len(self.batches) + 1
            part = numbers[start : start + size]
            items = [Item(n, 1, batch, index) for index, n in enumerate(part)]
            for item in items:
                self.bytes_at[run.id, item.n] = (batch, item.index)
            self.batches[batch] = Batch(
                batch, run.id, lane, Stage.PREPARE, run.priority, self.clock, items
            )

    def prepare(self, worker: int, batch: int, claim: int, found: Mapping[int, FactKind]) -> bool:
        """P2."""
        row = self.batches[batch]
        if row.stage is not Stage.PREPARE or row.owner != worker or row.claim != claim:
            return False
        row.owner = None
        if row.is_recalled:
            self.purge(row)
        if row.is_recalled or self.runs[row.run].state is not RunState.PREPARING:
            return False
        kept = []
        for item in row.items:
            address = self.people[row.run, item.n].address
            kind = FactKind.SUPPRESSED if address in self.suppressed else found[item.n]
            self.record(row.run, item.n, Fact(0, kind), worker)
            if kind is FactKind.PREPARED:
                kept.append(item)
        row.items = kept
        row.stage = Stage.DISPATCH if kept else Stage.DONE
        row.due_at = row.rung_at = None
        return True

    def give_back(self, worker: int, batch: int, claim: int, wait: float) -> bool:
        """A source is down: later, by whoever comes."""
        row = self.batches[batch]
        if row.stage is not Stage.PREPARE or row.owner != worker or row.claim != claim:
            return False
        row.owner = None
        row.due_at = self.clock + wait
        if row.is_recalled:
            self.purge(row)
        return True

    def launch(self, run: int, wait: float) -> bool:
        row = self.runs[run]
        if row.state is not RunState.READY:
            return False
        row.state, row.release_at = RunState.SCHEDULED, self.clock + wait
        if wait == 0:
            self._release(row)
        return True

    def undo(self, run: int) -> bool:
        row = self.runs[run]
        if row.state is not RunState.SCHEDULED:
            return False
        row.state, row.release_at = RunState.READY, None
        return True

    def _release(self, run: Run) -> None:
        run.state = RunState.RUNNING
        for batch in self.batches.values():
            if batch.run == run.id and batch.stage is Stage.DISPATCH and batch.due_at is None:
                batch.due_at = self.clock

    def schedule(self) -> bool:
        changed = [self._schedule_run(run) for run in self.runs.values()]
        return any(changed)

    def _schedule_run(self, run: Run) -> bool:
        mine = [b for b in self.batches.values() if b.run == run.id and b.stage is not Stage.DONE]
        match run.state:
            case RunState.PREPARING if not any(b.stage is Stage.PREPARE for b in mine):
                run.state = RunState.READY
                if self._fails_gate(run):
                    run.state, run.before_hold = RunState.HELD, RunState.READY
            case RunState.SCHEDULED if run.release_at is None or run.release_at <= self.clock:
                self._release(run)
            case RunState.RUNNING if not mine and not any(key[0] == run.id for key in self.retries):
                run.state = RunState.FINISHED
            case RunState.STOPPED:
                return self._purge_stopped(run)
            case _:
                return False
        return True

    def _purge_stopped(self, run: Run) -> bool:
        """P11 for what became unowned after the stop."""
        mine = [b for b in self.batches.values() if b.run == run.id]
        free = [b for b in mine if b.stage is not Stage.DONE and b.owner is None]
        if self.variant is Variant.STOP_PURGES_ONCE:
            return False
        for batch in free:
            self.purge(batch)
        return bool(free)

    def _fails_gate(self, run: Run) -> bool:
        return self.counts[run.id, DeliveryState.FAILED] * 2 > run.recipients
