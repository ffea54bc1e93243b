"""Schedules worth keeping: each was found by the model and says one thing.

They speak to a `Driver` alone, so the real engine plays them too.
"""

from collections.abc import Sequence

from postroad.core.lifecycle import FactKind

from .driver import Answer, Claimed, Driver, Go, Outcome, Person, Stage, Tables

NOTHING: frozenset[tuple[int, int]] = frozenset()
ONE, OTHER = 1, 2
"""Two workers."""


def a_running_run(driver: Driver, people: int = 2) -> int:
    """Verified, prepared and released; workers ONE and OTHER have joined."""
    driver.join(ONE)
    driver.join(OTHER)
    run = driver.verify(1, [Person(f"s{k}@a.example", "a") for k in range(people)], urgent=False)
    selecting = driver.claim_run(ONE)
    assert selecting is not None
    driver.select(ONE, *selecting)
    while claimed := driver.claim(ONE, Stage.PREPARE, None):
        found = {item.n: FactKind.PREPARED for item in claimed.items}
        driver.prepare(ONE, claimed.batch, claimed.claim, found)
    driver.schedule()
    driver.launch(run, 0)
    driver.schedule()
    return run


def taken(driver: Driver, worker: int) -> Claimed:
    claimed = driver.claim(worker, Stage.DISPATCH, None)
    assert claimed is not None, "no batch is due"
    return claimed


def opened(driver: Driver, worker: int, claimed: Claimed, hi: int) -> tuple[Go, ...]:
    report = driver.report(worker, claimed.batch, claimed.claim, [], hi, None)
    assert report.answer is Answer.GRANTED
    return report.go


def handed_in(
    driver: Driver,
    worker: int,
    claimed: Claimed,
    kinds: Sequence[FactKind],
    unbegun: Sequence[int] | None = None,
) -> Answer:
    """Outcomes of the first mails of a batch, in order."""
    outcomes = [
        Outcome(item.n, item.attempt, kind)
        for item, kind in zip(claimed.items, kinds, strict=False)
    ]
    return driver.report(worker, claimed.batch, claimed.claim, outcomes, None, unbegun).answer


def at_rest(driver: Driver) -> Tables:
    """What stands once the scheduler finds nothing left to do."""
    while driver.schedule():
        pass
    return driver.tables()


def silence(driver: Driver, beating: frozenset[int]) -> None:
    """All but those named fall silent and are reaped."""
    driver.advance(driver.limits.dead_after + 1, beating)
    while driver.reap():
        pass


def tries_under_way(driver: Driver, run: int, n: int, attempt: int) -> int:
    """Open batches and retry rows that will make this try: never more than one."""
    tables = driver.tables()
    in_batches = sum(
        (item.n, item.attempt) == (n, attempt)
        for batch in tables.batches
        if batch.run == run and batch.stage is not Stage.DONE
        for item in batch.items
    )
    return in_batches + list(tables.retries).count((run, n, attempt))


def everyone_beats(driver: Driver) -> None:
    driver.advance(1, frozenset({ONE, OTHER}))
