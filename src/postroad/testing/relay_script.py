"""What a fake relay announces, and which faults it plays when."""

import enum
import random
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from postroad.core.outcome import Phase


class Act(enum.StrEnum):
    REPLY = "reply"
    """Answer with `Rule.reply`; a 4yz or 5yz refuses the step."""
    DROP = "drop"
    """Close the connection without an answer."""
    SILENCE = "silence"
    """Never answer this step, keep the connection."""
    GARBAGE = "garbage"
    """Answer with something that is no SMTP reply."""
    DRIP = "drip"
    """Answer as usual, an octet each `Rule.delay` seconds."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One fault. The first rule that matches a step decides it.

    `recipient` is a glob and matches only where a recipient is known: at
    RCPT, DATA and DOT. `nth` and `every` count the transactions of this relay
    from 1; before MAIL they count its connections. `times` 0 is always;
    otherwise so often for each recipient, or in all where none is known.
    `delay` seconds pass before the act. `is_accepted` is for DOT: the mail is
    recorded as accepted although the sender is not told so.
    """

    phase: Phase
    act: Act = Act.REPLY
    reply: str = ""
    recipient: str = "*"
    nth: tuple[int, ...] = ()
    every: int = 0
    chance: float = 1.0
    times: int = 0
    delay: float = 0.0
    is_accepted: bool = False

    @property
    def takes_over(self) -> bool:
        """Whether the relay counts a mail as taken over when this rule plays at the dot."""
        if self.is_accepted or self.act is Act.DRIP:
            return True
        return self.act is Act.REPLY and (not self.reply or self.reply.startswith("250"))


@dataclass(frozen=True, slots=True)
class Script:
    """`delays` are seconds before each answer of a phase, rules apart."""

    announce: tuple[str, ...] = ("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8")
    rules: tuple[Rule, ...] = ()
    delays: dict[Phase, float] = field(default_factory=dict)
    certificate: str = ""
    """A PEM file with certificate and key; '' for no TLS."""
    is_tls_implicit: bool = False
    user: str = ""
    password: str = ""
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    answers_data_always: bool = False
    """354 even when no recipient was accepted (RFC 2920, 3.1)."""
    is_ehlo_known: bool = True
    seed: int = 0


def read_script(path: Path) -> Script:
    """Raises msgspec.ValidationError that names the field."""
    return msgspec.json.decode(path.read_bytes(), type=Script)


def write_script(script: Script, path: Path) -> None:
    path.write_bytes(msgspec.json.encode(script))


class Faults:
    """Picks the rule for each step; counts and dice live here."""

    def __init__(self, script: Script) -> None:
        self._by_phase = {
            phase: [rule for rule in script.rules if rule.phase is phase] for phase in Phase
        }
        self._used: Counter[tuple[int, str]] = Counter()
        self._dice = random.Random(script.seed)  # noqa: S311 (a seed makes faults repeatable)

    def at(self, phase: Phase, number: int, recipient: str = "") -> Rule | None:
        """`number` is that of the transaction, before MAIL of the connection."""
        for rule in self._by_phase[phase]:
            if self._applies(rule, number, recipient):
                self._used[id(rule), recipient] += 1
                return rule
        return None

    def _applies(self, rule: Rule, number: int, recipient: str) -> bool:
        if rule.recipient != "*" and not fnmatchcase(recipient, rule.recipient):
            return False
        if rule.nth and number not in rule.nth:
            return False
        if rule.every and number % rule.every:
            return False
        if rule.times and self._used[id(rule), recipient] >= rule.times:
            return False
        return rule.chance >= 1 or self._dice.random() < rule.chance
