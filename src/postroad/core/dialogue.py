"""The SMTP dialogue of one try, put together again.

The journal keeps what the server said; what we said follows from the
envelope (RFC 5321, 4.1.1) and is written between.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from postroad.core.outcome import Phase


@dataclass(frozen=True, slots=True)
class Line:
    """`is_ours`: we said it. `is_fault`: a 4yz or 5yz of the server."""

    is_ours: bool
    text: str
    is_fault: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """`size` in octets, 0 when it is not known."""

    sender: str
    recipient: str
    size: int = 0


def dialogue_of(said: str, envelope: Envelope, ended_at: str = "") -> tuple[Line, ...]:
    """`said`: the server's replies, 'phase code text' a line.

    `ended_at`: the phase that had no reply. Commands go out together (RFC
    2920); each is shown before its reply.
    """
    return tuple(_lines(said, envelope, ended_at))


def _lines(said: str, envelope: Envelope, ended_at: str) -> Iterator[Line]:
    seen: set[str] = set()
    for reply in said.splitlines():
        phase, _, text = reply.partition(" ")
        if phase not in seen:
            yield from _ours(phase, envelope)
        seen.add(phase)
        yield Line(is_ours=False, text=text, is_fault=text[:1] in ("4", "5"))
    if ended_at and ended_at not in seen:
        yield from _ours(ended_at, envelope)


def _ours(phase: str, envelope: Envelope) -> Iterator[Line]:
    content = f"{envelope.size:,} octets" if envelope.size else "content"
    command = {
        Phase.MAIL: f"MAIL FROM:<{envelope.sender}>",
        Phase.RCPT: f"RCPT TO:<{envelope.recipient}>",
        Phase.DATA: "DATA",
        Phase.DOT: f"{content}, final dot",
    }
    if text := {step.value: said for step, said in command.items()}.get(phase):
        yield Line(is_ours=True, text=text)
