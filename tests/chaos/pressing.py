"""Somebody who presses a button of the console at the very moment it is killed.

The request is held up by a lock in the database, so that it is provably in the
middle; then every process of the console gets SIGKILL. Nothing else is ended:
PostgreSQL itself finds out that nobody is there any more.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

import psycopg

from postroad.store.setup_link import hash_of
from tests.security.visitor import Visitor

from .rig import Rig

SECRET = "a-secret-of-this-test-alone"
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND query LIKE %s"
)


@dataclass
class Manager:
    """Signed in; the session outlives every console, as it lies in the database."""

    rig: Rig
    visitor: Visitor = field(default_factory=Visitor)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.rig.environment['POSTROAD_PORT']}"

    def sign_in(self) -> None:
        self.rig.call(
            "INSERT INTO setup_link (secret_sha256) VALUES (%s) RETURNING 1", hash_of(SECRET)
        )
        self.open()
        assert self.visitor.post(f"{self.url}/account/link/{SECRET}/")[0] == 200

    def open(self) -> None:
        """The console that runs, or a new one."""
        self.rig.start_web()
        self.rig.until(self._answers, "the console answers")

    def _answers(self) -> bool:
        try:
            return self.visitor.get(f"{self.url}/account/login/")[0] == 200
        except OSError:
            return False

    def press(self, path: str, **form: str) -> str:
        """The path of the page that is shown then."""
        code, page = self.visitor.post(self.url + path, **form)
        assert code == 200, page
        return self.visitor.at.removeprefix(self.url)

    @contextmanager
    def pressing(self, path: str, **form: str) -> Iterator[None]:
        """Inside, the button is pressed; nothing is ever answered."""
        answered: list[int] = []

        def press() -> None:
            with suppress(OSError):
                answered.append(self.visitor.post(self.url + path, **form)[0])

        presser = threading.Thread(target=press)
        presser.start()
        try:
            yield
        finally:
            self.kill_console()
            presser.join(60)
        assert not answered, "the request was over before the kill"

    def killed_while_waiting(
        self, lock: LiteralString, waiting: LiteralString, path: str, **form: str
    ) -> None:
        """Press; once a statement like `waiting` waits for the lock, kill; then the lock goes."""
        with psycopg.connect(self.rig.dsn) as holder:
            holder.execute(lock)
            with self.pressing(path, **form):
                self.rig.until(lambda: self._waits(waiting), "the request waits in the middle")
                pid = self.rig.call(WAITING, waiting)[0]
            holder.rollback()
        self.rig.until(lambda: not self._lives(pid), "what the database did for it has ended")

    def _waits(self, waiting: LiteralString) -> bool:
        with psycopg.connect(self.rig.dsn) as connection:
            return connection.execute(WAITING, [waiting]).fetchone() is not None

    def _lives(self, pid: object) -> bool:
        found = self.rig.call("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid)
        return found != (0,)

    def kill_console(self) -> None:
        """SIGKILL to every process of it, and no other."""
        web = self.rig.web
        assert web is not None
        children = Path(f"/proc/{web.pid}/task/{web.pid}/children").read_text().split()
        for pid in (web.pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        web.wait()


def a_manager(rig: Rig) -> Manager:
    manager = Manager(rig)
    manager.sign_in()
    return manager
