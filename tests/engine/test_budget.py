"""A worker's budget of begun mails, of which a part is left to urgent ones."""

import asyncio

from postroad.engine.budget import LEAST_BEGUN, LEFT_TO_URGENT, MOST_BEGUN, Budgets


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def fill(budgets: Budgets, lanes: int) -> None:
    """Each lane begins what it may, and none is answered."""
    for lane in range(lanes):
        budget = budgets.of(f"lane {lane}", is_urgent=False)
        budget.take(budget.free)


def test_lanes_that_nobody_answers_leave_a_part_to_urgent_mails() -> None:
    budgets = Budgets(Clock())
    fill(budgets, 20)
    assert budgets.begun == MOST_BEGUN - LEFT_TO_URGENT
    assert not budgets.are_free
    urgent = budgets.of("lane 0", is_urgent=True)
    assert urgent.free == min(LEAST_BEGUN, LEFT_TO_URGENT)
    urgent.take(urgent.free)
    assert budgets.begun <= MOST_BEGUN
    assert budgets.of("lane 1", is_urgent=True).free == 0


def test_what_a_quick_relay_lets_others_have_beyond_their_part_comes_back_for_urgent_mails() -> (
    None
):
    clock = Clock()
    budgets = Budgets(clock)
    others = budgets.of("other", is_urgent=False)
    for _ in range(10):
        others.take(others.free)
        clock.now += 0.2
        others.settle(others.begun)
    others.take(others.free)
    assert budgets.begun == MOST_BEGUN
    urgent = budgets.of("other", is_urgent=True)
    assert urgent.free == 0
    budgets.make_way(is_urgent_here=True)
    assert others.room(pending=LEFT_TO_URGENT) == 0
    others.settle(LEFT_TO_URGENT)
    assert others.free == 0
    assert urgent.free == LEFT_TO_URGENT
    urgent.take(LEFT_TO_URGENT)
    assert budgets.begun == MOST_BEGUN


async def test_a_batch_is_woken_by_as_much_as_it_said_is_enough() -> None:
    clock = Clock()
    budget = Budgets(clock).of("other", is_urgent=False)
    for _ in range(10):
        budget.take(budget.free)
        clock.now += 0.2
        budget.settle(budget.begun)
    budget.take(budget.free)
    quarter = MOST_BEGUN // 4
    half, small = asyncio.Event(), asyncio.Event()
    waiting = [
        asyncio.ensure_future(budget.or_freed(half, lambda free: free * 2 >= MOST_BEGUN)),
        asyncio.ensure_future(budget.or_freed(small, lambda free: free >= quarter)),
    ]
    await asyncio.sleep(0)
    budget.settle(quarter - 1)
    assert not small.is_set()
    budget.settle(1)
    assert small.is_set()
    assert not half.is_set()
    budget.settle(quarter)
    assert half.is_set()
    await asyncio.gather(*waiting)
