"""Unknown mails: a person says what became of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from postroad.core.dead_letter import Letter
from postroad.core.ids import RunId
from postroad.core.saved import Refused
from postroad.core.unknown import Settlement


class SettleStore(Protocol):
    def settle_letters(
        self, letters: Sequence[Letter], how: Settlement, patience_seconds: float, actor: str
    ) -> Mapping[str, int]: ...

    def settle_all(
        self, run_id: RunId | None, how: Settlement, patience_seconds: float, actor: str
    ) -> Mapping[str, int]: ...


@dataclass(frozen=True, slots=True)
class AllUnknown:
    """Every unknown there is, of one run where `run_id` is given."""

    run_id: RunId | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """`already`: were no unknowns any more. `stopped`: a stopped run resends nothing."""

    how: Settlement
    count: int
    already: int
    stopped: int


def settle_unknown(
    store: SettleStore,
    wanted: Sequence[Letter] | AllUnknown,
    how: Settlement,
    patience_seconds: float,
    actor: str,
) -> Settled | Refused:
    """Settled twice is settled once. A resend waits `patience_seconds` from the loss on."""
    if isinstance(wanted, AllUnknown):
        counts = store.settle_all(wanted.run_id, how, patience_seconds, actor)
    elif not wanted:
        return Refused({"": "No mail is chosen: choose some first."})
    else:
        counts = store.settle_letters(wanted, how, patience_seconds, actor)
    done = Settled(
        how=how,
        count=counts.get("settled", 0),
        already=counts.get("not_unknown", 0),
        stopped=counts.get("stopped", 0),
    )
    if done.stopped and not done.count:
        return Refused({"": STOPPED})
    return done


STOPPED = (
    "The run was stopped, and a stopped run sends nothing more:"
    " say that it was sent, drop it, or write to these people in a new run."
)
