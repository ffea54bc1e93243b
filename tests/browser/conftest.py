"""The real product in a home of its own, and Chromium in front of it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from postroad.engine.smtp.inbox import InboxStore
from postroad.testing.database import private_home

from .access import AXE
from .watched import Watched, launch_chromium

PATIENCE_MS = 30_000


@dataclass(frozen=True, slots=True)
class Product:
    """`link` signs a browser in, once."""

    home: Path
    link: str

    @property
    def received(self) -> list[str]:
        """The recipients of the mails in the inbox, in their order."""
        with InboxStore(self.home / "inbox.sqlite") as inbox:
            return [mail.recipient for mail in reversed(inbox.page())]


Start = Callable[..., Product]
"""start(*faults, **settings) starts the product; faults as in a plan of the inbox."""


@pytest.fixture
def start(database: str) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []
    with private_home() as root:

        def start(*faults: dict[str, object], **settings: object) -> Product:
            plan = root / "plan.json"
            plan.write_text(json.dumps({"rules": faults}), encoding="utf-8")
            process = _start(root / "home", plan, database, settings)
            running.append(process)
            assert process.stdout is not None
            return Product(root / "home", _link(process, root / "home"))

        yield start
        for process in running:
            process.terminate()
            process.communicate(timeout=60)


def _start(
    home: Path, plan: Path, database: str, settings: dict[str, object]
) -> "subprocess.Popen[str]":
    """With the patience of a demo: what the product waits for takes seconds."""
    told = {"heartbeat_seconds": 1, "lease_seconds": 8, "send_guard_seconds": 4} | settings
    return subprocess.Popen(
        [sys.executable, "-m", "tests.browser.stage", str(plan)],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "POSTROAD_HOME": str(home),
            "POSTROAD_PORT": str(_free_port()),
            "POSTROAD_SWEEP_SECONDS": "1",
            # Its invented people are of one domain, which would get only a few connections.
            "POSTROAD_DOMAIN_CONNECTIONS": "0",
            "DATABASE_URL": database,
            **{f"POSTROAD_{name.upper()}": str(value) for name, value in told.items()},
        },
        cwd=Path(__file__).parents[2],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _link(process: "subprocess.Popen[str]", home: Path) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("http"):
            return line.strip()
    logs = [log.read_text(encoding="utf-8", errors="replace") for log in home.glob("log/*")]
    raise AssertionError("the product did not start: " + "".join(said + logs))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. No longer than a module: asyncio tests cannot run beside Playwright's loop."""
    with sync_playwright() as playwright:
        browser = launch_chromium(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core as a script."""
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: `make assets` brings it")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture
def page(browser: Browser, start: Start) -> Iterator[Page]:
    """A stranger's page, closed before the product ends; what `Watched` keeps fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    watched = Watched(page)
    yield page
    context.close()
    assert watched.faults == []
