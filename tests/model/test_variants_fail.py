"""The model can fail: each way to get the protocol wrong is found out.

Most are found by random schedules; `START` says where the search begins, near
a schedule known to break the variant, and when the rules change it goes on
from there. Two need a second order or answer at one exact moment: their
schedules are played step by step.
"""

from collections.abc import Callable

import pytest

from . import test_schedules as schedules
from .driver import Driver
from .protocol import Model
from .story import play
from .variants import Variant

BUDGET = 500
START = {Variant.NO_GUARD: 200}
STEP_BY_STEP: dict[Variant, Callable[[Driver], None]] = {
    Variant.REPEAT_RETRIES: schedules.test_a_fact_handed_in_twice_makes_one_further_try,
    Variant.REQUEUE_TWICE: schedules.test_a_requeue_asked_twice_makes_one_further_try,
}
BY_CHANCE = [v for v in Variant if v is not Variant.RIGHT and v not in STEP_BY_STEP]


def _name(variant: Variant) -> str:
    return variant.name.lower()


@pytest.mark.parametrize("variant", BY_CHANCE, ids=_name)
def test_random_schedules_find_a_wrong_protocol_out(variant: Variant) -> None:
    start = START.get(variant, 0)
    assert any(_is_broken(variant, seed) for seed in range(start, start + BUDGET))


def _is_broken(variant: Variant, seed: int) -> bool:
    try:
        play(Model(variant=variant), seed, 150, variant)
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize("variant", STEP_BY_STEP, ids=_name)
def test_a_kept_schedule_finds_a_wrong_protocol_out(variant: Variant) -> None:
    with pytest.raises(AssertionError):
        STEP_BY_STEP[variant](Model(variant=variant))
