"""Why a relay gave us no session."""

from dataclasses import dataclass
from functools import lru_cache

from postroad.core.outcome import Phase, Reply
from postroad.engine.smtp.connection import Broken


@dataclass(frozen=True, slots=True)
class RelayRefusal:
    """`temporary`: later may do. `needs_person`: somebody must change something first.

    `text` is for people and ends with what to do. `reply` when one was read.
    """

    phase: Phase
    reply: Reply | None
    text: str
    temporary: bool
    needs_person: bool


_STEP = {
    Phase.CONNECT: "the connection",
    Phase.BANNER: "the greeting",
    Phase.EHLO: "EHLO",
    Phase.STARTTLS: "STARTTLS",
    Phase.AUTH: "the sign-in",
}


@lru_cache(256)
def spoken(reply: Reply) -> str:
    """The reply as it came, on one line."""
    return " ".join(part for part in (str(reply.code), reply.enhanced, reply.text) if part)


def refused(phase: Phase, reply: Reply) -> RelayRefusal:
    """The relay answered this step with something else than yes."""
    temporary = reply.code // 100 == 4
    if temporary:
        advice = "Postroad tries again later."
    elif phase is Phase.AUTH:
        advice = "check the user name and password in the relay's settings."
    else:
        advice = "check the relay's settings, or ask its owner."
    text = f"The relay refused {_STEP.get(phase, phase.value)} ({spoken(reply)}): {advice}"
    return RelayRefusal(phase, reply, text, temporary, needs_person=not temporary)


def broken_off(phase: Phase, broken: Broken) -> RelayRefusal:
    """The dialogue ended at this step without an answer; that may pass."""
    text = (
        f"No answer to {_STEP.get(phase, phase.value)}, {broken.text}: Postroad tries again "
        "later; if this stays, check the relay's host, port and TLS setting."
    )
    return RelayRefusal(phase, None, text, temporary=True, needs_person=False)
