"""What a policy does without a person is a person's move: their schedules hold for it too."""

from collections.abc import Iterator
from typing import ClassVar, LiteralString

import pytest

from postroad.core.lifecycle import FactKind

from .driver import Driver
from .postgres_driver import PostgresDriver
from .test_engine import test_a_late_refusal_leaves_an_ordered_resend_standing
from .test_schedules import (
    test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded,
    test_a_late_deferral_after_the_manager_settled_makes_no_try,
    test_an_evidence_of_acceptance_takes_a_waiting_try_away,
)

__all__ = [
    "test_a_dead_letter_whose_resend_was_ordered_before_is_not_discarded",
    "test_a_late_deferral_after_the_manager_settled_makes_no_try",
    "test_a_late_refusal_leaves_an_ordered_resend_standing",
    "test_an_evidence_of_acceptance_takes_a_waiting_try_away",
]

ANSWERS = {FactKind.SETTLED_SENT: "sent", FactKind.SETTLED_RESEND: "not_sent"}


class LookingUp(PostgresDriver):
    """A look-up says what the manager would have said; what it cannot say, the manager does."""

    more_pins: ClassVar[dict[str, object]] = {"unknown_policy": "look_up", "resend_limit": 5}

    def settle(self, run: int, n: int, attempt: int, kind: FactKind) -> bool:
        if kind not in ANSWERS:
            return super().settle(run, n, attempt, kind)
        ask: LiteralString = "SELECT settle_by_lookup(%s, %s, %s, %s, %s, 'Said.')"
        patience = float(self.limits.resend_after)
        return bool(self._value(ask, run, n, attempt, ANSWERS[kind], patience) == "settled")


@pytest.fixture
def driver(engine: PostgresDriver) -> Iterator[Driver]:
    driver = LookingUp(engine.connections).afresh()
    yield driver
    settled = "SELECT actor FROM journal WHERE kind IN ('settled_sent', 'settled_resend')"
    assert {row[0] for row in engine.connections[0].execute(settled)} <= {"look-up"}
