"""PROTOCOL P0 to P12 under kills, cut-offs, lost replies and a forgetful doorbell."""

import pytest

from .machine import EXAMPLES, SendingProtocol, tuned
from .protocol import Model
from .story import play

TestProtocol = SendingProtocol.TestCase
TestProtocol.settings = tuned(examples=60, steps=60)

SEEDS = range(EXAMPLES or 240)
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_random_schedules_keep_every_promise(part: int) -> None:
    for seed in SEEDS[part::PARTS]:
        try:
            play(Model(), seed, steps=150)
        except AssertionError as broken:
            raise AssertionError(f"schedule {seed}: {broken}") from broken
