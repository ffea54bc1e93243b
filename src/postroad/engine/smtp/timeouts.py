"""How long each step of a dialogue may take."""

from dataclasses import dataclass
from typing import Self

from postroad.core.outcome import Phase


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds, by default those of RFC 5321, 4.5.3.2, where it names one."""

    connect: float = 30
    banner: float = 300
    ehlo: float = 300
    starttls: float = 120
    """For the reply and for the handshake, each."""
    auth: float = 120
    mail: float = 300
    rcpt: float = 300
    data: float = 120
    block: float = 180
    """For a part of the content to leave this machine."""
    after_dot: float = 600
    quit: float = 5

    @classmethod
    def all_of(cls, seconds: float) -> Self:
        """The same for every step; for tests and impatient checks."""
        return cls(*(seconds,) * 11)

    def of(self, phase: Phase) -> float:
        """Seconds to wait for the reply of this phase."""
        return float(getattr(self, "after_dot" if phase is Phase.DOT else phase.value))
