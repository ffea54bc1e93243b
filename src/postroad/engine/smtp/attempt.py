"""One SMTP try of one mail, and what came of it."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from postroad.core.mail import Mail
from postroad.core.outcome import Outcome, Phase, Reply, Verdict, classify
from postroad.engine.smtp.connection import Broken
from postroad.engine.smtp.features import Features
from postroad.engine.smtp.refusal import spoken
from postroad.engine.smtp.wire import Stuffer, UnsendableError, envelope_of

LONGEST_DIALOGUE = 2048
"""Characters."""
LARGEST_WRITE = 128 * 1024
"""Octets of content handed to the network in one go."""


class Stage(enum.Enum):
    ENVELOPE = "no octet of the content was written"
    CONTENT = "some of the content was written, but not the final dot"
    DOT = "the write that holds the final dot was issued"


@dataclass(slots=True)
class Attempt:
    """`stage` only ever moves down the list of `Stage`; it decides what a loss means."""

    mail: Mail
    commands: dict[Phase, bytes]
    """Of MAIL, RCPT and DATA, in this order."""
    content: list[bytes]
    """Dot-stuffed, without the final dot."""
    needs_reset: bool
    """RSET goes in front: the transaction before was left half done."""
    stage: Stage = Stage.ENVELOPE
    phase: Phase = Phase.MAIL
    said: list[str] = field(default_factory=list)

    def parts(self) -> Iterator[bytes | memoryview]:
        """The content as it is written: in one when small, else without copying it."""
        if sum(map(len, self.content)) <= LARGEST_WRITE:
            yield b"".join(self.content)
            return
        for piece in self.content:
            view = memoryview(piece)
            for start in range(0, len(piece), LARGEST_WRITE):
                yield view[start : start + LARGEST_WRITE]

    def note(self, phase: Phase, reply: Reply) -> None:
        self.said.append(f"{phase.value} {spoken(reply)}")

    def answered(self, phase: Phase, reply: Reply) -> Outcome:
        """What a refusal, or any reply to the dot, comes to."""
        judgement = classify(phase, reply)
        text = spoken(reply)
        if judgement.verdict is Verdict.UNKNOWN:
            text = f"The relay answered the final dot with {text}. {_SETTLE}"
        return Outcome(
            judgement.verdict,
            phase,
            reply,
            text,
            self._dialogue(),
            about_account=judgement.about_account,
            slow_down=judgement.slow_down,
        )

    def broken(self, broken: Broken) -> Outcome:
        """What the end of the connection means for this mail."""
        match self.stage:
            case Stage.ENVELOPE:
                text = f"At {self.phase.name}, {broken.text}; no content went out."
                return self._unanswered(Verdict.NOT_BEGUN, text)
            case Stage.CONTENT:
                text = f"In the middle of the content, {broken.text}; it is sent again later."
                return self._unanswered(Verdict.DEFERRED, text)
            case Stage.DOT:
                text = f"After the final dot, {broken.text}. {_SETTLE}"
                return self._unanswered(Verdict.UNKNOWN, text)
            case _:
                assert_never(self.stage)

    def _unanswered(self, verdict: Verdict, text: str) -> Outcome:
        return Outcome(verdict, self.phase, None, text, self._dialogue())

    def _dialogue(self) -> str:
        return "\n".join(self.said)[:LONGEST_DIALOGUE]


_SETTLE = "The mail may have arrived or not: look for it at the relay, then settle it."


def attempt_of(
    mail: Mail, features: Features, stuffer: Stuffer, *, needs_reset: bool
) -> Attempt | Outcome:
    """An outcome when the mail can't be sent over this relay at all (dead)."""
    try:
        pieces = stuffer.stuff(mail.pieces)
        is_ascii = all(piece.is_ascii for piece in pieces)
        sender, recipient = envelope_of(mail, features, is_ascii=is_ascii)
    except UnsendableError as error:
        return Outcome(Verdict.DEAD, Phase.MAIL, None, str(error), "")
    return Attempt(
        mail,
        {Phase.MAIL: sender, Phase.RCPT: recipient, Phase.DATA: b"DATA\r\n"},
        [piece.octets for piece in pieces],
        needs_reset,
    )
