"""Django's test client on a clone of the migrated database, as a stranger and as the manager."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from postroad.app import App, build_app
from postroad.settings import Settings
from postroad.web.django_settings import configure
from postroad.web.wsgi import APP_KEY


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), debug=True)


@pytest.fixture
def app(settings: Settings, database: str) -> Iterator[App]:
    """The product on a database of its own."""
    configure(settings, database)
    app = build_app(settings, database)
    yield app
    app.close()


@pytest.fixture
def client(app: App) -> Client:
    """A stranger's browser. It checks the CSRF token, as a browser must send it."""
    return make_client(app)


@pytest.fixture
def manager(app: App) -> Client:
    """The manager's browser, signed in by a set-up link; CSRF unchecked for short tests."""
    client = make_client(app, enforce_csrf_checks=False)
    secret = app.account.make_link(app.clock.now())
    response = client.post(f"/account/link/{secret}/")
    assert response.status_code == 303
    return client


def make_client(app: App, *, enforce_csrf_checks: bool = True) -> Client:
    return Client(
        enforce_csrf_checks=enforce_csrf_checks,
        SERVER_NAME="localhost",
        **{APP_KEY: app},
    )


TEMPLATES = Path(__file__).parents[2] / "src" / "postroad" / "web"
