"""Dead letters once more: the same bytes at a further attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.dead_letter import Group, Letter
from postroad.core.saved import Refused


class RequeueStore(Protocol):
    def requeue_letters(self, letters: Sequence[Letter], actor: str) -> Mapping[str, int]: ...

    def requeue_group(self, group: Group, actor: str) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class Requeued:
    """`already`: were requeued or no dead letters any more. `stopped`: their run was stopped.

    `gone`: the bytes of their mails are no longer kept.
    """

    count: int
    already: int
    stopped: int
    gone: int


def requeue_dead(
    store: RequeueStore, wanted: Sequence[Letter] | Group, actor: str
) -> Requeued | Refused:
    """Chosen letters, or all of a group. A finished run goes on; a stopped one refuses."""
    if isinstance(wanted, Group):
        counts = store.requeue_group(wanted, actor)
    elif not wanted:
        return Refused({"": "No dead letter is chosen: choose some first."})
    else:
        counts = store.requeue_letters(wanted, actor)
    done = Requeued(
        count=counts.get("requeued", 0),
        already=counts.get("already", 0) + counts.get("not_dead", 0),
        stopped=counts.get("stopped", 0),
        gone=counts.get("gone", 0),
    )
    if done.stopped and not done.count:
        return Refused({"": STOPPED})
    if done.gone and not done.count:
        return Refused({"": GONE})
    return done


STOPPED = (
    "The run was stopped, and a stopped run sends nothing more:"
    " make a new run of the campaign for these people."
)

GONE = (
    "Their mails are no longer kept: bytes go some time after the end of a run"
    " (POSTROAD_PREPARED_DAYS). Make a new run of the campaign for these people."
)
