"""P0, P4 to P8 and P10, in memory."""

from collections.abc import Sequence

from postroad.core.lifecycle import FACT_RULES, Fact, FactKind, RunState

from .driver import Answer, Claimed, Go, Item, Outcome, Ref, Report, Stage
from .tables import Batch, Database, Run
from .variants import Variant

_RUN_OF_STAGE = {Stage.PREPARE: RunState.PREPARING, Stage.DISPATCH: RunState.RUNNING}


class Dispatching(Database):
    # P7

    def join(self, worker: int) -> None:
        self.alive_until[worker] = self.clock + self.limits.dead_after

    def beat(self, worker: int) -> None:
        self.alive_until[worker] = self.clock + self.limits.dead_after

    def reap(self) -> bool:
        for batch in self.batches.values():
            if batch.owner is not None and self.alive_until[batch.owner] < self.clock:
                self._free(batch)
                return True
        for run in self.runs.values():
            if run.owner is not None and self.alive_until[run.owner] < self.clock:
                run.owner = None
                return True
        return False

    def _free(self, batch: Batch) -> None:
        owner, batch.owner = batch.owner, None
        left = self.unanswered(batch)
        if self.variant is Variant.TAKER_RESENDS and left:
            batch.started_upto = batch.items.index(left[0])
            return
        for item in left:
            self.record(batch.run, item.n, Fact(item.attempt, FactKind.UNKNOWN), owner)
        if batch.stage is Stage.DISPATCH and self.end_if_over(batch):
            return
        if self._ends_here(batch):
            self.purge(batch)

    def _ends_here(self, batch: Batch) -> bool:
        """What is unbegun of it is purged, not retried."""
        return batch.is_recalled or self.runs[batch.run].state is RunState.STOPPED

    def disown(
        self, worker: int, batches: frozenset[tuple[int, int]], runs: frozenset[tuple[int, int]]
    ) -> None:
        for batch in self.batches.values():
            if batch.owner == worker and (batch.id, batch.claim) not in batches:
                self._free(batch)
        for run in self.runs.values():
            if run.owner == worker and (run.id, run.claim) not in runs:
                run.owner = None

    # P0

    def due(self, limit: int) -> Sequence[Ref]:
        again = self.clock - self.limits.ring_again
        due = [
            b
            for b in self.batches.values()
            if self._is_claimable(b)
            and (b.rung_at is None or (b.rung_at <= again and self.variant is not Variant.NO_SWEEP))
        ]
        turns: dict[int, int] = {}
        ranked = []
        for b in due:
            turns[b.run] = turns.get(b.run, 0) + 1
            ranked.append((-b.priority, turns[b.run], b.id))
        return [self._ref(self.batches[b]) for _, _, b in sorted(ranked)[:limit]]

    def _ref(self, batch: Batch) -> Ref:
        return Ref(batch.run, self.runs[batch.run].epoch, batch.id, batch.stage)

    def rung(self, refs: Sequence[Ref]) -> None:
        for ref in refs:
            self.batches[ref.batch].rung_at = self.clock

    # P4

    def _is_claimable(self, batch: Batch) -> bool:
        return (
            batch.stage is not Stage.DONE
            and batch.owner is None
            and batch.due_at is not None
            and batch.due_at <= self.clock < batch.until
            and self.runs[batch.run].state is _RUN_OF_STAGE[batch.stage]
        )

    def claim(self, worker: int, stage: Stage, ref: Ref | None) -> Claimed | None:
        batches = self.batches.values() if ref is None else [self.batches[ref.batch]]
        free = [b for b in batches if b.stage is stage and self._is_claimable(b)]
        if ref is not None:
            free = [b for b in free if self._ref(b) == ref]
        if not free:
            return None
        batch = min(free, key=lambda b: (-b.priority, b.due_at or 0, b.id))
        batch.owner = worker
        batch.claim += 1
        mark = batch.started_upto
        if self.variant is Variant.NO_WATERMARK and stage is Stage.DISPATCH:
            batch.started_upto = len(batch.items)
        return Claimed(batch.id, batch.run, stage, batch.claim, tuple(batch.items), mark)

    # P5, P6, P8 and the owner's part of P11

    def report(
        self,
        worker: int,
        batch: int,
        claim: int,
        outcomes: Sequence[Outcome],
        hi: int | None,
        unbegun: Sequence[int] | None,
    ) -> Report:
        row = self.batches[batch]
        run = self.runs[row.run]
        is_owner = row.owner == worker and row.claim == claim
        if is_owner or self.variant is not Variant.LATE_DROPPED:
            for o in outcomes:
                self._take(row.run, o, worker)
        if not is_owner:
            return Report(Answer.LOST)
        if run.state is not RunState.RUNNING or self.clock >= row.until or unbegun is not None:
            return self._hand_back(row, unbegun or ())
        go = self._open(row, run, hi) if hi is not None else []
        if go:
            return Report(Answer.GRANTED, tuple(go), row.started_upto)
        if self.end_if_over(row):
            return Report(Answer.DONE)
        if hi is not None and hi > row.started_upto and self._rest(row, run):
            return Report(Answer.BACK)
        return Report(Answer.WAIT, mark=row.started_upto)

    def _take(self, run: int, outcome: Outcome, worker: int) -> None:
        late = self.states[run, outcome.n].fact is FactKind.UNKNOWN
        fact = Fact(outcome.attempt, outcome.kind)
        self.record(run, outcome.n, fact, worker)
        loses = self.variant is Variant.LATE_NOT_BEGUN_LOST and late
        if loses and outcome.kind is FactKind.NOT_BEGUN:
            self.retries.pop((run, outcome.n, outcome.attempt + 1), None)

    def _open(self, batch: Batch, run: Run, hi: int) -> list[Go]:
        """(c) and (d): the mark ends in front of the first mail without a token."""
        go = []
        for position in range(batch.started_upto, min(hi, len(batch.items))):
            item = batch.items[position]
            if not self._is_left_out(batch.run, item):
                moment = self.take_token(run, batch.lane)
                if moment is None:
                    break
                go.append(Go(position, moment))
            batch.started_upto = position + 1
        return go

    def _is_left_out(self, run: int, item: Item) -> bool:
        row = self.states[run, item.n]
        ended = FACT_RULES[row.fact].over_all > 0
        if self.variant is Variant.DEAD_PASSED_OVER:
            ended = ended or row.fact is FactKind.DEAD
        if ended or row.attempt >= item.attempt:
            self.raise_attempt(run, item.n, item.attempt)
            return True
        kind = None
        if self.people[run, item.n].address in self.suppressed:
            kind = FactKind.SUPPRESSED
        elif (run, item.n) in self.changed_files:
            kind = FactKind.HELD
        if kind is not None:
            self.record(run, item.n, Fact(item.attempt, kind))
        return kind is not None

    def _rest(self, batch: Batch, run: Run) -> bool:
        """No token: given back with a due time, once every begun mail is answered."""
        if self.unanswered(batch) and self.variant is not Variant.EARLY_GIVE_BACK:
            return False
        batch.owner = None
        batch.due_at = self.token_due(run, batch.lane)
        return True

    def _hand_back(self, batch: Batch, unbegun: Sequence[int]) -> Report:
        ends_here = self._ends_here(batch)
        kind = FactKind.PURGED if ends_here else FactKind.NOT_BEGUN
        for position in unbegun:
            if position < batch.started_upto:
                item = batch.items[position]
                self.record(batch.run, item.n, Fact(item.attempt, kind))
        if self.unanswered(batch):
            return Report(Answer.BACK, mark=batch.started_upto)
        if ends_here:
            self.purge(batch)
        if self.end_if_over(batch) or ends_here:
            return Report(Answer.DONE)
        batch.owner = None
        return Report(Answer.BACK, mark=batch.started_upto)

    # P10

    def gather(self) -> bool:
        groups: dict[tuple[int, str], list[tuple[int, int, int]]] = {}
        for key, retry in self.retries.items():
            if retry.due_at <= self.clock and self.runs[key[0]].state is RunState.RUNNING:
                groups.setdefault((key[0], retry.lane), []).append(key)
        for (run, lane), keys in groups.items():
            items = [self.retries.pop(key).item for key in keys[: self.limits.batch_size]]
            batch = Batch(
                len(self.batches) + 1,
                run,
                lane,
                Stage.DISPATCH,
                self.runs[run].priority,
                self.clock,
                items,
            )
            self.batches[batch.id] = batch
            return True
        return False
