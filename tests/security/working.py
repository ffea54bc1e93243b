"""A campaign made in the browser, and real workers that carry it to a relay."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.test import Client

from postroad.app import App
from postroad.testing.product import Product

PATIENCE_SECONDS = 90.0
CLOCKS = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "5",
    "POSTROAD_SEND_GUARD_SECONDS": "3",
    "POSTROAD_SWEEP_SECONDS": "0.5",
}
LETTER = {"name": "Letter", "format": "html", "subject": "Hello", "source": "<p>Dear you,</p>"}


@contextmanager
def a_worker(app: App) -> Iterator[Product]:
    """One worker process on the app's database and home.

    The home is another test's, too, and that one's ledger knows mails that this database does not.
    """
    shutil.rmtree(app.settings.home / "ledger", ignore_errors=True)
    product = Product(app.settings.home, app.dsn, CLOCKS)
    product.start_worker()
    try:
        yield product
    finally:
        product.end()


def log_of(product: Product) -> str:
    logs = sorted((product.home / "log").glob("work-*.log"))
    return "".join(log.read_text(encoding="utf-8", errors="replace") for log in logs)


@dataclass(frozen=True, slots=True)
class Desk:
    """The manager at work. Every form must be taken."""

    browser: Client

    def post(self, path: str, **form: Any) -> str:
        answer = self.browser.post(path, form)
        assert answer.status_code == 303, (path, answer.content.decode())
        return str(answer["Location"])

    def page(self, path: str) -> str:
        answer = self.browser.get(path, follow=True)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()

    def relay(self, port: int, **more: str) -> str:
        """The path of its page."""
        form = {"name": "R", "host": "127.0.0.1", "tls": "none", "connections": "1"}
        return self.post("/relays/new/", **form | {"port": str(port)} | more)

    def campaign(self, letter: Mapping[str, Any] = LETTER, **more: str) -> str:
        """To everybody, through the default relay; the path of its page."""
        content = self.post("/content/new/", **letter).strip("/").split("/")[1]
        audience = self.post("/audiences/new/", name="All", kind="everyone").strip("/").split("/")
        form = {"name": "C", "kind": "personal", "audience": audience[1], "content": content}
        return self.post("/campaigns/new/", **form | {"sender_address": "me@x.org"} | more)

    def verify(self, campaign: str, *, fails_for_many: bool = False) -> str:
        """The path of the run, once it is ready; let go on when so many fail that it is held."""
        number = campaign.strip("/").split("/")[1]
        run = f"/runs/{self.post(f'/runs/verify/{number}/').strip('/').split('/')[1]}/"
        if fails_for_many:
            until(lambda: "could not be prepared" in self.page(run), run)
            self.post(f"{run}resume/")
        until(lambda: self.browser.get(run).get("Location", "").endswith("/report/"), run)
        return run


def until(holds: Callable[[], bool], what: object) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} s: {what}"
        threading.Event().wait(0.1)


def counts(app: App, run: str) -> dict[str, int]:
    with psycopg.connect(app.dsn, connect_timeout=10) as database:
        number = int(run.strip("/").split("/")[1])
        return dict(database.execute("SELECT * FROM run_counts(%s)", [number]).fetchall())
