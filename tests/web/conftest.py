"""The console on a clone of the migrated database: Django's test client, and a real browser."""

import atexit
import dataclasses
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from postroad.settings import Settings
from postroad.web.django_settings import configure
from postroad.web.wsgi import APP_KEY

# Playwright's synchronous side keeps an event loop in this thread; nothing of ours runs in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# Before anything that reaches the models; the fixture `app` names the database.
HOME = Path(tempfile.mkdtemp(prefix="postroad-test-"))
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
configure(Settings(home=HOME), "dbname=none")

from postroad.app import App, Clock, build_app  # noqa: E402 - see above.


class SetClock(Clock):
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(home=tmp_path_factory.mktemp("home"), debug=True)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(Clock().now())


@pytest.fixture
def app(settings: Settings, database: str, clock: SetClock) -> Iterator[App]:
    """The product on a database of its own, with a clock that tests move."""
    configure(settings, database)
    app = dataclasses.replace(build_app(settings, database), clock=clock)
    yield app
    app.close()


def wait_for_port(port: int) -> None:
    """Until somebody listens: granian says that it started a moment before."""
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            threading.Event().wait(0.02)


def make_client(app: App, *, checks_csrf: bool = False) -> Client:
    environment: dict[str, Any] = {"SERVER_NAME": "localhost", APP_KEY: app}
    return Client(enforce_csrf_checks=checks_csrf, **environment)


def sign_in(client: Client, app: App) -> None:
    secret = app.account.make_link(app.clock.now())
    response = client.post(f"/account/link/{secret}/")
    assert response.status_code == 303, response.content


@pytest.fixture
def client(app: App) -> Client:
    """A stranger's browser."""
    return make_client(app)


@pytest.fixture
def manager(app: App) -> Client:
    """The manager's browser, signed in by a set-up link."""
    client = make_client(app)
    sign_in(client, app)
    return client


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. No longer than a module: asyncio tests cannot run beside Playwright's loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def console_url(settings: Settings, database: str) -> Iterator[str]:
    """The URL of the console, served as in production, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = (
        "from postroad.settings import Settings; from postroad.web.serve import serve;"
        "settings = Settings(); serve(settings, settings.database_url)"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "POSTROAD_HOME": str(settings.home),
        "POSTROAD_PORT": str(port),
        "DATABASE_URL": database,
    }
    web = subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert web.stdout is not None
    started = next((line for line in web.stdout if "Started worker" in line), "")
    assert started, "the console did not start"
    wait_for_port(port)
    yield f"http://127.0.0.1:{port}"
    web.terminate()
    web.communicate(timeout=20)


class Watched:
    """A page that keeps what its console said; errors fail the test at its end."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self.faults.append(said.text)


@pytest.fixture
def page(browser: Browser, console_url: str, app: App) -> Iterator[Page]:
    """A browser's page, signed in, on the dashboard. Any console error or CSP violation fails."""
    context = browser.new_context(base_url=console_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    page = context.new_page()
    watched = Watched(page)
    page.goto(f"/account/link/{app.account.make_link(Clock().now())}/")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")
    yield page
    context.close()
    assert watched.faults == []
