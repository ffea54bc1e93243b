"""Stop everything: every live run ends for good, as *Stop and purge* ends one."""

from collections.abc import Sequence
from typing import Protocol

from postroad.core.ids import RunId
from postroad.core.queue import EverythingStopped, NothingRuns, StopEverythingOutcome
from postroad.core.running import StopOutcome, Stopped

STOPPED_WITH_ALL = "Stopped with everything else by the manager."


class StopEverythingStore(Protocol):
    def live_runs(self) -> Sequence[RunId]: ...
    def stop_run(self, run_id: RunId, reason: str, actor: str) -> StopOutcome: ...


def stop_everything(store: StopEverythingStore, actor: str) -> StopEverythingOutcome:
    """A transaction a run, so that one that is slow to lock delays no other.

    Safe to press twice, and again after it was cut off in the middle. A run that
    is made meanwhile is found by the last look.
    """
    stopped: list[Stopped] = []
    seen: set[RunId] = set()
    while wanted := [run for run in store.live_runs() if run not in seen]:
        seen.update(wanted)
        outcomes = [store.stop_run(run, STOPPED_WITH_ALL, actor) for run in wanted]
        stopped += [outcome for outcome in outcomes if isinstance(outcome, Stopped)]
    if not stopped:
        return NothingRuns()
    return EverythingStopped(
        runs=len(stopped),
        in_flight=sum(outcome.in_flight for outcome in stopped),
        purged=sum(outcome.purged for outcome in stopped),
    )
