"""The live page of a run: what it says in each state, and what a poll costs."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from postroad.app import App
from postroad.core.lifecycle import RunState
from postroad.testing.runs import Hand, RunBuilder, dead, deferred, rejected, unknown


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand


def words(response: object) -> str:
    """What a page says, without its markup."""
    text = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("state", [state for state in RunState if state is not RunState.READY])
def test_a_run_has_a_page_in_every_state(
    manager: Client, book: RunBuilder, state: RunState
) -> None:
    run = book.a_run(state)
    response = manager.get(f"/runs/{run}/")
    assert response.status_code == 200
    assert state.value.capitalize() in words(response)
