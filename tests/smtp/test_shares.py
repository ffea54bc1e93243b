"""Which lanes may hold how many of a relay's connections."""

import pytest

from postroad.engine.smtp.shares import Lane, LaneShares

SLOW, QUICK = Lane("slow"), Lane("quick")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("connections", [2, 3, 4, 8, 50])
def test_a_lane_of_which_nothing_is_known_may_try_beside_one_that_fills_its_share(
    connections: int,
) -> None:
    clock = Clock()
    shares = LaneShares(clock)
    held = 0
    while shares.may_hold_more(SLOW, connections):
        held += 1
        shares.begin(SLOW, held)
    assert held == connections // 2
    assert shares.may_hold_more(QUICK, connections)
    shares.begin(QUICK, 100)
    assert not shares.may_hold_more(QUICK, connections), "one until it is answered"
    clock.now = 0.1
    assert shares.end(QUICK, 100)
    assert shares.may_hold_more(QUICK, connections)
    assert not shares.may_hold_more(SLOW, connections)


@pytest.mark.parametrize("connections", [4, 8, 50])
def test_lanes_that_try_leave_a_connection_to_those_that_are_known_as_quick(
    connections: int,
) -> None:
    shares = LaneShares(Clock())
    shares.begin(QUICK, 0)
    shares.end(QUICK, 0)
    tried = 0
    for key in range(1, connections + 1):
        lane = Lane(f"tarpit {key}")
        if shares.may_hold_more(lane, connections):
            shares.begin(lane, key)
            tried += 1
    assert tried == connections - 1
    assert shares.may_hold_more(QUICK, connections)
