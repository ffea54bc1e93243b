import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import pytest

from postroad.app import App
from postroad.settings import Settings
from postroad.web.serve import ServeRefused, serve

from .conftest import wait_for_port


@contextmanager
def served(
    settings: Settings, dsn: str, more: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[subprocess.Popen[str], int, int]]:
    """The process that serves, its port, and the pid of its child."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = (
        "from postroad.settings import Settings; from postroad.web.serve import serve;"
        "settings = Settings(); serve(settings, settings.database_url)"
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "POSTROAD_HOME": str(settings.home),
        "POSTROAD_PORT": str(port),
        "DATABASE_URL": dsn,
        **more,
    }
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as web:
        assert web.stdout is not None
        child = 0
        for line in web.stdout:
            if match := re.search(r"Spawning worker-1 with PID: (\d+)", line):
                child = int(match[1])
            if "Started worker-1" in line:
                break
        assert child, "the console did not start"
        wait_for_port(port)
        try:
            yield web, port, child
        finally:
            web.kill()


def answer(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=10) as response:
        return int(response.status)


@pytest.mark.fault(7)
def test_a_term_signal_ends_it_cleanly(settings: Settings, database: str) -> None:
    with served(settings, database) as (web, port, _):
        assert answer(port) == 200
        web.send_signal(signal.SIGTERM)
        assert web.wait(60) == 0


def test_kill_9_leaves_nobody_on_the_port(settings: Settings, database: str) -> None:
    with served(settings, database) as (web, port, child):
        assert answer(port) == 200
        gone = os.pidfd_open(child)
        web.kill()
        web.wait(60)
        import select

        assert select.select([gone], [], [], 10)[0], "the child outlived its parent"
        os.close(gone)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))


def test_a_taken_port_is_named_with_what_to_do(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeRefused, match=rf"port {port}.*POSTROAD_PORT"):
            serve(settings.model_copy(update={"port": port}), "")


def test_nothing_but_loopback_is_served_without_a_password(app: App) -> None:
    everywhere = app.settings.model_copy(update={"host": "0.0.0.0", "port": 0})
    with pytest.raises(ServeRefused, match="no password"):
        serve(everywhere, app.dsn)
