"""Whom the audience chooses now, and who of them gets a mail."""

from dataclasses import dataclass

from postroad.actions.check_campaign import Checked


@dataclass(frozen=True, slots=True)
class Funnel:
    """All figures are of addresses but `chosen`, which is of people."""

    chosen: int
    doubled: int
    suppressed: int
    people: int


def funnel_of(checked: Checked | None) -> Funnel | None:
    """None where no audience is chosen."""
    facts = checked.facts if checked else None
    if facts is None or facts.people is None or facts.chosen is None:
        return None
    suppressed = facts.suppressed or 0
    doubled = max(0, facts.chosen - facts.people - suppressed)
    return Funnel(facts.chosen, doubled, suppressed, facts.people)
