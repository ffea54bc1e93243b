"""The model can fail: each way to get the protocol wrong is found out.

`start` is a seed near a schedule that is known to break the variant; when the
rules change, the search goes on from there.
"""

import pytest

from .protocol import Model
from .story import play
from .variants import Variant

BUDGET = 400
STARTS: dict[Variant, int] = {}


@pytest.mark.parametrize("variant", STARTS, ids=lambda variant: variant.name.lower())
def test_a_wrong_protocol_is_found_out(variant: Variant) -> None:
    start = STARTS[variant]
    assert any(_is_broken(variant, seed) for seed in range(start, start + BUDGET))


def _is_broken(variant: Variant, seed: int) -> bool:
    try:
        play(Model(variant=variant), seed, 150, variant)
    except AssertionError:
        return True
    return False
