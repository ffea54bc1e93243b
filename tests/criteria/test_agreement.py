"""Rules evaluated in Python and as SQL mean the same people, on each server."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from postroad.core.criteria.evaluate import Elsewhere, people_of
from postroad.core.criteria.tree import Criteria
from postroad.sources.compile.where import Server
from postroad.testing.criteria import AUDIENCES, CAMPAIGN, STATES, trees
from postroad.testing.criteria_rows import MARIADB, POSTGRESQL, databases, nows

from .aiming import Cells
from .filling import World, empty_place, fill, keys
from .servers import Place
from .shop import criteria


@dataclass
class Example:
    """Everything that an example drew."""

    world: World
    asked: list[Criteria]


@st.composite
def examples(draw: Any, server: Server) -> Example:
    reach = POSTGRESQL if server is Server.POSTGRESQL else MARIADB
    now = draw(nows())
    some = st.frozensets(st.integers(1, 4), max_size=3)
    elsewhere = Elsewhere(
        {audience: draw(some) for audience in AUDIENCES},
        {(CAMPAIGN, state): draw(some) for state in STATES},
    )
    rows = draw(databases(now, reach, people=(3, 4)))
    cells = Cells(draw, rows)
    drawn = draw(st.lists(trees(now, reach), min_size=3, max_size=5))
    groups = [cells.aimed(one.root) for one in drawn]
    each = [criteria(rule) for group in groups for rule in group.rules]
    return Example(World(now, rows, elsewhere), [*map(Criteria, groups), *each])


@pytest.fixture(scope="module", params=list(Server))
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with empty_place(request) as made:
        yield made


def test_python_and_the_server_mean_the_same_people(place: Place) -> None:
    @given(examples(place.server))
    def agree(example: Example) -> None:
        world = example.world
        fill(place, world)
        for asked in example.asked:
            sql = keys(asked, place, world)
            note(sql)
            found = sorted(key for (key,) in place.rows(sql))
            assert found == sorted(people_of(asked, world.rows, world.now, world.elsewhere))

    agree()
