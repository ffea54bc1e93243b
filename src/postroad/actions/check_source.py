"""Whether a source lets both accounts in, with the rights they need and no more."""

from typing import Protocol

from postroad.core.saved import Gone
from postroad.core.source.connection import SourceTarget
from postroad.core.source.diagnosis import SourceAnswers, SourceUnfit

GONE = Gone("This source is not there any more: go back to the list.")


class Checking(Protocol):
    def check(self, target: SourceTarget) -> SourceAnswers | SourceUnfit: ...


def check_source(
    asking: Checking, target: SourceTarget | None
) -> SourceAnswers | SourceUnfit | Gone:
    """Nothing is written, there or here."""
    return GONE if target is None else asking.check(target)
