"""States of a delivery as the command line says them: what each means, what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from postroad.core.lifecycle import DeliveryState


@dataclass(frozen=True, slots=True)
class Wording:
    """`style` is rich's name of a colour; `next` '' where nothing is to be done."""

    style: str
    meaning: str
    next: str = ""


WORDINGS: Final[Mapping[str, Wording]] = {
    DeliveryState.DELIVERED: Wording("green", "it arrived"),
    DeliveryState.ACCEPTED: Wording("green", "the relay took it (250)"),
    DeliveryState.BOUNCED: Wording("red", "it came back", "correct the address"),
    DeliveryState.COMPLAINED: Wording("red", "called spam", "never written to again"),
    DeliveryState.REJECTED: Wording("red", "refused for good (5yz)", "correct the address"),
    DeliveryState.FAILED: Wording("red", "could not be prepared", "mend the cause, verify again"),
    DeliveryState.DEAD: Wording("magenta", "given up", "look at it; mend and requeue, or discard"),
    DeliveryState.UNKNOWN: Wording("yellow", "begun, no reply known", "settle it: sent or resend"),
    DeliveryState.HELD: Wording("yellow", "held for you", "decide"),
    DeliveryState.SKIPPED: Wording("bright_black", "left out, as its data asked"),
    DeliveryState.SUPPRESSED: Wording("bright_black", "on the suppression list"),
    DeliveryState.PURGED: Wording("bright_black", "the run was stopped before it"),
    DeliveryState.DEFERRED: Wording("yellow", "refused for now (4yz)", "tried again by itself"),
    "sending": Wording("cyan", "in SMTP now"),
    DeliveryState.PREPARED: Wording("blue", "ready to go out"),
    DeliveryState.SELECTED: Wording("bright_black", "not prepared yet"),
}
"""By state, in the order of bars and legends; what is in SMTP is shown apart."""

WANTS_A_PERSON: Final = frozenset(
    {
        DeliveryState.BOUNCED,
        DeliveryState.COMPLAINED,
        DeliveryState.REJECTED,
        DeliveryState.FAILED,
        DeliveryState.DEAD,
        DeliveryState.UNKNOWN,
        DeliveryState.HELD,
    }
)
"""States in which a recipient got no mail and will not by itself."""


def mails(count: int) -> str:
    """1 mail, 1,200 mails."""
    return f"{count:,} mail" if count == 1 else f"{count:,} mails"
