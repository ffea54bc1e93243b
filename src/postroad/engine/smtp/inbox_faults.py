"""Refusals that the sandbox inbox plays, so that a demo shows how they are met."""

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from postroad.core.outcome import Phase


@dataclass(frozen=True, slots=True)
class FaultRule:
    """`match`: an address or a glob, in small letters. `phase`: 'rcpt' or 'dot'.

    `times`: so often for each recipient, then as usual; 0: always.
    """

    match: str
    phase: Phase
    reply: str
    times: int = 1

    def __post_init__(self) -> None:
        if self.phase not in (Phase.RCPT, Phase.DOT):
            raise ValueError("The phase of an inbox fault is 'rcpt' or 'dot': correct the plan.")
        if not (self.reply[:3].isdigit() and self.reply[0] in "45" and self.reply.isprintable()):
            raise ValueError("An inbox fault answers '4yz text' or '5yz text': correct the plan.")


@dataclass(frozen=True, slots=True)
class FaultPlan:
    rules: tuple[FaultRule, ...] = ()


def read_fault_plan(path: Path) -> FaultPlan:
    """From JSON: {"rules": [{"match", "phase", "reply", "times"}]}.

    Raises msgspec.ValidationError or msgspec.DecodeError that says where it is wrong.
    """
    return msgspec.json.decode(path.read_bytes(), type=FaultPlan)


class FaultPlay:
    """A plan being played; it counts in memory and starts anew with the process."""

    def __init__(self, plan: FaultPlan) -> None:
        self._rules = plan.rules
        self._played: Counter[tuple[int, str]] = Counter()

    def reply(self, phase: Phase, recipient: str) -> str | None:
        """The refusal to give now, if any."""
        address = recipient.lower()
        for position, rule in enumerate(self._rules):
            if rule.phase is not phase or not fnmatchcase(address, rule.match):
                continue
            if rule.times and self._played[position, address] >= rule.times:
                continue
            self._played[position, address] += 1
            return rule.reply
        return None
