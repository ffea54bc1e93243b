"""The console's side of a database of the test's own, for conftests to take over."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.settings import Settings
from postroad.web.django_settings import configure

# Before anything that reaches the models; the fixture `app` names the database.
configure(Settings(home=Path(tempfile.mkdtemp(prefix="postroad-test-"))), "dbname=none")

from postroad.app import App, build_app  # noqa: E402 - see above.


@pytest.fixture
def app(database: str, tmp_path: Path) -> Iterator[App]:
    """What the console acts with."""
    settings = Settings(home=tmp_path)
    configure(settings, database)
    app = build_app(settings, database)
    yield app
    app.close()
