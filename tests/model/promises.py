"""What must hold after every step, and what must hold at the end."""

from collections import Counter
from itertools import pairwise

from postroad.core.lifecycle import FACT_RULES, RUN_TRANSITIONS, Fact, FactKind, Folded, RunState

from .driver import Stage, Tables
from .world import World

_BEFORE_RELEASE = (
    RunState.SELECTING,
    RunState.PREPARING,
    RunState.READY,
    RunState.SCHEDULED,
)


def check(world: World) -> None:
    tables = world.tables()
    totals_add_up(tables)
    runs_move_as_the_table_says(world, tables)
    nobody_is_written_to_twice(world)
    nothing_is_sent_before_release(world, tables)
    begun_stays_within_the_window(world, tables)
    unknowns_stay_within_the_bound(world, tables)


def totals_add_up(tables: Tables) -> None:
    """Recipients = the sum of states; the counters equal a recount."""
    recount = Counter((run, row.state) for (run, _), row in tables.states.items())
    assert {k: v for k, v in tables.counts.items() if v} == recount, "counters differ"
    sums = Counter(run for run, _ in tables.states)
    for run, recipients in tables.recipients.items():
        assert sums[run] == recipients, "recipients are not the sum of states"


def runs_move_as_the_table_says(world: World, tables: Tables) -> None:
    """Between two looks a run may have moved a few times (launched and released)."""
    for run, state in tables.runs.items():
        before = world.seen_runs.get(run, RunState.SELECTING)
        reached = {before}
        for _ in range(4):
            reached |= {after for r in reached for after in RUN_TRANSITIONS[r]}
        assert state in reached, f"run {run} went from {before} to {state}"
    world.seen_runs = dict(tables.runs)


def nobody_is_written_to_twice(world: World) -> None:
    for key, times in world.relay.accepted.items():
        assert times <= 1 + world.orders.again[key], f"{key} was accepted {times} times"


def nothing_is_sent_before_release(world: World, tables: Tables) -> None:
    for run in world.relay.begun_runs:
        assert tables.runs[run] not in _BEFORE_RELEASE, "an unreleased run has sent"


def begun_stays_within_the_window(world: World, tables: Tables) -> None:
    """Begun without outcome, over all the batches of a worker."""
    begun: Counter[int] = Counter()
    for batch in tables.batches:
        if batch.owner is not None and batch.stage is Stage.DISPATCH:
            begun[batch.owner] += sum(
                tables.states[batch.run, item.n].attempt < item.attempt
                for item in batch.items[: batch.started_upto]
            )
    for worker, count in begun.items():
        assert count <= world.limits.window, f"worker {worker} has {count} begun"


def unknowns_stay_within_the_bound(world: World, tables: Tables) -> None:
    unknown = {
        (row.run, row.n, row.attempt) for row in tables.journal if row.kind is FactKind.UNKNOWN
    }
    assert len(unknown) <= world.fleet.unknowns_allowed, "more unknown than the bound"


def limits_hold(world: World, tables: Tables) -> None:
    """No two tokens of a bucket nearer than its interval, no day above its cap.

    Begins follow their moments by at most a token's life, so that within any
    span T no more begin than tokens have moments within T + life.
    """
    for bucket in world.buckets:
        # A faster bucket gives the moments between a slower one's to later windows.
        moments = sorted(tables.tokens.get((bucket.kind, bucket.key), ()))
        gaps = [b - a for a, b in pairwise(moments)]
        assert all(gap >= bucket.interval - 1e-6 for gap in gaps), "tokens too near"
        if bucket.per_day is not None:
            days = zip(moments, moments[bucket.per_day :], strict=False)
            assert all(b - a >= 86_400 - 1e-6 for a, b in days), "more than a day's cap"
    if world.buckets:
        lags = [begin.lag for begin in world.relay.begins]
        assert all(0 <= lag <= world.limits.token_life for lag in lags), "begun off its moment"


def order_is_irrelevant(tables: Tables) -> None:
    """The row is the fold of the journal, read forwards or backwards."""
    facts: dict[tuple[int, int], list[Fact]] = {key: [] for key in tables.states}
    for row in tables.journal:
        facts[row.run, row.n].append(Fact(row.attempt, row.kind))
    for key, found in facts.items():
        decided = tables.states[key].fact
        for order in (found, found[::-1], sorted(found)):
            folded = Folded()
            for fact in order:
                folded = folded.take(fact)
            assert folded.fact is decided, f"{key}: {order} gives {folded.fact}, not {decided}"


def what_was_read_is_journaled(world: World, tables: Tables) -> None:
    """Every 250 read by a worker that lives ends in a fact."""
    journaled = {
        (row.run, row.n, row.attempt) for row in tables.journal if row.kind is FactKind.ACCEPTED
    }
    for worker in world.fleet.living():
        assert worker.read <= journaled, "an acceptance was read and is not in the journal"


def nothing_is_lost(tables: Tables, *, released: frozenset[RunState]) -> None:
    """In a run at its end each delivery has ended or waits for a person."""
    for (run, n), row in tables.states.items():
        if tables.runs[run] in released:
            waits = row.state.is_waiting and row.state not in ("unknown", "held")
            assert not waits, f"delivery {(run, n)} is lost: {row}"


def orders_are_carried_out(world: World, tables: Tables) -> None:
    """A requeue or resend has led to a fact of a later try, or evidence came first."""
    latest: dict[tuple[int, int], int] = {}
    for row in tables.journal:
        over_all = FACT_RULES[row.kind].over_all > 0
        attempt = 1_000 if over_all else row.attempt
        latest[row.run, row.n] = max(attempt, latest.get((row.run, row.n), 0))
    for run, n, attempt in world.orders.named:
        assert latest[run, n] > attempt, f"the order to send {(run, n)} again was not followed"
