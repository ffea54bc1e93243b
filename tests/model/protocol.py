"""The protocol as a model: every transaction on tables in memory.

Independent of PostgreSQL, but not of the product: states come from the real
`core.lifecycle`. P11, P12 and the manager are here, P1 to P3 in `preparing`,
P4 to P10 in `dispatching`, rows and fold in `tables`.
"""

from collections.abc import Sequence

from postroad.core.lifecycle import Fact, FactKind, RunState

from .dispatching import Dispatching
from .driver import Outcome, Stage
from .preparing import Preparing
from .variants import Variant


class Model(Preparing, Dispatching):
    """A `Driver` that is right, or wrong in the way its variant says."""

    def pause(self, run: int) -> bool:
        return self._move(run, RunState.RUNNING, RunState.PAUSED)

    def resume(self, run: int) -> bool:
        return self._move(run, RunState.PAUSED, RunState.RUNNING)

    def _move(self, run: int, before: RunState, after: RunState) -> bool:
        if self.runs[run].state is not before:
            return False
        self.runs[run].state = after
        return True

    def hold(self, run: int) -> bool:
        row = self.runs[run]
        if not row.state.is_live or row.state is RunState.HELD:
            return False
        row.before_hold, row.state = row.state, RunState.HELD
        return True

    def let_go(self, run: int) -> bool:
        row = self.runs[run]
        if row.state is not RunState.HELD or row.before_hold is None:
            return False
        row.state, row.before_hold = row.before_hold, None
        return True

    def stop(self, run: int) -> bool:
        row = self.runs[run]
        if not row.state.is_live:
            return False
        row.state = RunState.STOPPED
        row.epoch += 1
        for batch in self.batches.values():
            if batch.run == run and batch.owner is None and batch.stage is not Stage.DONE:
                self.purge(batch)
        self.purge_retries(run)
        return True

    def purge_queue(self, stage: Stage) -> None:
        for batch in self.batches.values():
            if not self.runs[batch.run].state.is_live or batch.stage is not stage:
                continue
            if batch.owner is None:
                self.purge(batch)
            else:
                batch.is_recalled, batch.until = True, self.clock
        if stage is Stage.DISPATCH:
            for run in self.runs.values():
                if run.state.is_live:
                    self.purge_retries(run.id)

    def requeue(self, run: int, n: int, attempt: int) -> bool:
        """A dead letter once more; a second order for the same try does nothing."""
        if not self._stands(run, n, attempt, FactKind.DEAD):
            return False
        key = (run, n, attempt)
        asked = (run, n, attempt + 1) in self.retries
        if self.variant is not Variant.REQUEUE_TWICE:
            asked = asked or key in self.ordered
        if asked or key in self.discarded or self.runs[run].state is RunState.STOPPED:
            return False
        self.ordered.add(key)
        self.retry(run, n, attempt + 1, 0)
        return True

    def discard(self, run: int, n: int, attempt: int) -> bool:
        """Refused while an order stands: a late refusal may follow an ordered resend."""
        key = (run, n, attempt)
        asked = key in self.ordered and self.variant is not Variant.DISCARD_FORGETS_RESEND
        if not self._stands(run, n, attempt, FactKind.DEAD) or asked:
            return False
        self.discarded.add(key)
        return True

    def settle(self, run: int, n: int, attempt: int, kind: FactKind) -> bool:
        if not self._stands(run, n, attempt, FactKind.UNKNOWN):
            return False
        resend = kind is FactKind.SETTLED_RESEND
        if resend and self.runs[run].state is RunState.STOPPED:
            return False
        self.record(run, n, Fact(attempt, kind))
        if resend:
            self.ordered.add((run, n, attempt))
            since = self.unknown_since[run, n]
            wait = max(0.0, since + self.limits.resend_after - self.clock)
            self.retry(run, n, attempt + 1, wait)
        return True

    def _stands(self, run: int, n: int, attempt: int, kind: FactKind) -> bool:
        row = self.states[run, n]
        return row.fact is kind and row.attempt == attempt

    def hear(self, run: int, n: int, attempt: int, kind: FactKind) -> None:
        self.record(run, n, Fact(attempt, kind))

    def hand_in(
        self,
        worker: int,
        dots: frozenset[tuple[int, int, int]],
        replies: Sequence[tuple[int, Outcome]],
    ) -> None:
        for run, outcome in replies:
            self.record(run, outcome.n, Fact(outcome.attempt, outcome.kind), worker)
        proven = dots | {(run, o.n, o.attempt) for run, o in replies}
        for run, n, attempt in self._begun_by(worker):
            if (run, n, attempt) not in proven:
                self.record(run, n, Fact(attempt, FactKind.NOT_BEGUN), worker)

    def _begun_by(self, worker: int) -> set[tuple[int, int, int]]:
        """Tries in this worker's windows of which nothing is known."""
        mine = [b for b in self.batches.values() if b.owner == worker]
        owned = {(b.run, i.n, i.attempt) for b in mine for i in self.unanswered(b)}
        reaped = {
            (row.run, row.n, row.attempt)
            for row in self.journal
            if row.worker == worker
            and row.kind is FactKind.UNKNOWN
            and self._stands(row.run, row.n, row.attempt, FactKind.UNKNOWN)
        }
        return owned | reaped
