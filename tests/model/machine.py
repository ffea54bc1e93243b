"""The rules as a Hypothesis state machine, for any driver."""

import os
from collections.abc import Callable
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from .driver import Driver
from .protocol import Model
from .story import STEADY, SWARM, Story

EXAMPLES = int(os.environ.get("POSTROAD_MODEL_EXAMPLES", "0"))
"""How many schedules a long run plays; 0: a short run."""

NUMBERS = st.integers(0, 1023)


class SendingProtocol(RuleBasedStateMachine):
    """Play rules in any order, then heal the world and see it end well.

    A subclass names another driver with `make_driver`.
    """

    make_driver: ClassVar[Callable[[], Driver]] = Model

    def __init__(self) -> None:
        super().__init__()
        self.story: Story | None = None

    @initialize(setting=st.integers(0, 127), people=NUMBERS, opened=st.booleans())
    def begin_the_world(self, setting: int, people: int, *, opened: bool) -> None:
        self.story = Story(type(self).make_driver(), setting)
        if opened:
            self.story.act("open", 0, people)

    def teardown(self) -> None:
        if self.story is not None:
            self.story.finish()


def _rule(name: str) -> Callable[..., None]:
    def play(self: SendingProtocol, a: int, b: int) -> None:
        assert self.story is not None
        self.story.act(name, a, b)

    play.__name__ = play.__qualname__ = name
    return play


# Work comes more often than what disturbs it.
_TURNS = {f"work_{turn}": "work" for turn in range(1, 9)}
for _method, _name in ({name: name for name in STEADY | SWARM} | _TURNS).items():
    setattr(SendingProtocol, f"rule_{_method}", rule(a=NUMBERS, b=NUMBERS)(_rule(_name)))


def tuned(examples: int, steps: int) -> settings:
    return settings(
        max_examples=EXAMPLES or examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
