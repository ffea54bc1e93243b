"""The product on a database of its own, and runs brought into any state."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.settings import Settings
from postroad.web.django_settings import configure

# Before anything that reaches the models; the fixture `app` names the database.
configure(Settings(home=Path(tempfile.mkdtemp(prefix="postroad-test-"))), "dbname=none")

from postroad.app import App, build_app  # noqa: E402 - see above.
from postroad.testing.runs import Hand, RunBuilder  # noqa: E402 - see above.


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[App]:
    settings = Settings(home=tmp_path)
    configure(settings, database)
    app = build_app(settings, database)
    yield app
    app.close()


@pytest.fixture
def book(app: App) -> RunBuilder:
    return RunBuilder(app)


@pytest.fixture
def hand(app: App) -> Iterator[Hand]:
    with Hand(app.dsn) as hand:
        yield hand
