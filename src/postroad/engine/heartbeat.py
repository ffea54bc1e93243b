"""A worker's heartbeat: its own thread and connection, so that no load stills it."""

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
import structlog

from postroad.core.ids import WorkerId
from postroad.dsn import pinned

_log = structlog.get_logger()


def _clock() -> float:
    """Seconds, also while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker beats, how long a beat holds, and when it stops to trust its own."""

    every_seconds: float
    lease_seconds: float
    guard_seconds: float


class Heartbeat:
    """Beats until stopped; `may_begin` is the worker's own guard (P5).

    It is false once the last committed beat is older than the guard time, by
    the worker's own clock, suspended time included. It stays false after such a
    gap until `forget_gap`: a window that was open before it may have been
    declared unknown meanwhile, and a later beat must not make it good again.
    """

    def __init__(
        self,
        dsn: str,
        worker: WorkerId,
        stages: Sequence[str],
        version: str,
        *,
        slot: str = "",
        pace: Pace,
        figures: Callable[[], tuple[int, int]],
        asked_to_drain: Callable[[], None],
    ) -> None:
        self._dsn = dsn
        self._worker = worker
        self._stages = list(stages)
        self._version = version
        self._slot = slot
        self._pace = pace
        self._figures = figures
        self._asked_to_drain = asked_to_drain
        self._beaten_at = float("-inf")
        self._has_gap = False
        self._stopping = threading.Event()
        self._first = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)

    def may_begin(self) -> bool:
        return self.is_fresh and not self._has_gap

    @property
    def is_fresh(self) -> bool:
        return _clock() - self._beaten_at < self._pace.guard_seconds

    def forget_gap(self) -> None:
        """Nothing that was granted before the gap is left to begin."""
        self._has_gap = False

    def start(self) -> None:
        self._thread.start()

    def wait_for_first(self, seconds: float) -> bool:
        return self._first.wait(seconds)

    def stop(self) -> None:
        """Stop beating and say that this worker has ended in order."""
        self._stopping.set()
        self._thread.join(timeout=5)

    def _beat_on(self) -> None:
        while not self._stopping.is_set():
            try:
                self._with_connection()
            except psycopg.Error as error:
                _log.warning("heartbeat_lost", worker=str(self._worker), cause=str(error))
                self._stopping.wait(min(1.0, self._pace.every_seconds))

    def _with_connection(self) -> None:
        # A beat that takes as long as the lease is worth nothing.
        dsn = pinned(self._dsn, f"statement_timeout={int(self._pace.lease_seconds * 1000)}")
        with psycopg.connect(dsn, autocommit=True, connect_timeout=5) as connection:
            while not self._stopping.is_set():
                self._beat(connection)
                self._stopping.wait(self._pace.every_seconds)
            connection.execute("SELECT end_worker(%s)", [self._worker])

    def _beat(self, connection: psycopg.Connection) -> None:
        asked_at = _clock()
        row = connection.execute(
            "SELECT beat(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                self._worker,
                socket.gethostname(),
                os.getpid(),
                self._version,
                self._stages,
                self._pace.lease_seconds,
                *self._figures(),
                self._slot,
            ],
        ).fetchone()
        # Counted from before the call: the lease cannot have begun earlier.
        if self._first.is_set() and _clock() - self._beaten_at >= self._pace.guard_seconds:
            self._has_gap = True
        self._beaten_at = asked_at
        self._first.set()
        if row and row[0]:
            self._asked_to_drain()
