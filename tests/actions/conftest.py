"""The product on a database of its own, and runs brought into any state."""

from collections.abc import Iterator

import pytest

# First: it makes Django ready for what reaches the models.
from tests.acting import app  # isort: skip
from postroad.app import App
from postroad.testing.runs import Hand, RunBuilder

__all__ = ["app"]


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand
