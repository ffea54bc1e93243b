"""A console in front of a town, in a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from postroad.app import App, build_app
from postroad.settings import Settings
from postroad.store.embedded.locks import wait_until
from postroad.web.django_settings import configure
from tests.browser.talking import is_answering

from .town import Town, build_town, go_on, open_shop
from .trouble import get_into_trouble, silence_workers

PATIENCE_SECONDS = 60


@dataclass(slots=True)
class Served:
    """`link()` signs a browser in, once. The town comes into being with `build()`."""

    settings: Settings
    dsn: str
    url: str

    def link(self) -> str:
        with self._app() as app:
            return f"{self.url}/account/link/{app.account.make_link(datetime.now(UTC))}/"

    def open_shop(self) -> None:
        with self._app() as app:
            open_shop(app)

    def build(self) -> Town:
        with self._app() as app:
            return build_town(app, datetime.now(UTC))

    def go_on(self, town: Town) -> None:
        with self._app() as app:
            go_on(app, town.running)

    def get_into_trouble(self, town: Town) -> None:
        with self._app() as app:
            get_into_trouble(app, town)

    def silence_workers(self) -> None:
        silence_workers(self.dsn)

    @contextmanager
    def _app(self) -> Iterator[App]:
        app = build_app(self.settings, self.dsn)
        yield app
        app.close()


@contextmanager
def served(home: Path, dsn: str) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(home=home, port=port)
    configure(settings, dsn)
    web = subprocess.Popen(
        [sys.executable, "-m", "postroad", "serve"],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "POSTROAD_HOME": str(home),
            "POSTROAD_PORT": str(port),
            "DATABASE_URL": dsn,
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        login = f"{url}/account/login/"
        assert wait_until(lambda: is_answering(login), PATIENCE_SECONDS), "no console"
        yield Served(settings, dsn, url)
    finally:
        web.terminate()
        web.wait(60)
