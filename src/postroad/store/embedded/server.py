"""The embedded server: started or attached to, whatever was killed before."""

import contextlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from postroad.store.embedded import postmaster as processes
from postroad.store.embedded.account import account_for
from postroad.store.embedded.cluster import SETTINGS
from postroad.store.embedded.connection import dsn_of, make_database
from postroad.store.embedded.faults import EmbeddedFault, told_as_fault
from postroad.store.embedded.launch import Options, start_alone
from postroad.store.embedded.layout import Layout, make_directories
from postroad.store.embedded.locks import locked, wait_until
from postroad.store.embedded.postmaster import Postmaster, find_postmaster


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """`dsn` is '' unless the state is running; `pid` is 0 when there is no process.

    One that is stopping was told to, and waits for its sessions: `start` ends it first.
    """

    state: Literal["running", "starting", "stopping", "stopped"]
    pid: int
    data_directory: Path | None
    dsn: str


class EmbeddedServer:
    """One PostgreSQL below `home`; any number of these objects, in any process, mean the same one.

    The server outlives the process that started it: `stop` ends it. `settings`
    are added when a new cluster is made (the tests turn fsync off); `shelf` is
    where copies of the programs are kept, by default below `home`.
    `patience_seconds` bounds the wait for a start, recovery after a crash
    included, and for another process that is starting it.
    """

    def __init__(
        self,
        home: Path,
        *,
        settings: Mapping[str, str] | None = None,
        shelf: Path | None = None,
        patience_seconds: float = 120,
        orphan_seconds: float = 15,
    ) -> None:
        self._layout = Layout(Path(os.path.realpath(home)))
        self._options = Options(
            {**SETTINGS, **(settings or {})},
            shelf or self._layout.shelf,
            patience_seconds,
            orphan_seconds,
        )

    def start(self) -> str:
        """Starts the server, or attaches when one lives; returns the DSN of its database.

        Two starts at once: one starts, the other attaches. EmbeddedFault says
        what to do when it cannot be.
        """
        account = account_for(self._newest_data())
        make_directories(self._layout, account)
        with self._alone():
            live = self._attachable() or start_alone(self._layout, account, self._options)
            try:
                make_database(live)
            except EmbeddedFault:
                if not self._has_just_died(live):
                    raise
                live = start_alone(self._layout, account, self._options)
                make_database(live)
            return dsn_of(live)

    def attach(self) -> str | None:
        """The DSN of a server that lives and is ready; None when there is none. Changes nothing."""
        return self.status().dsn or None

    def status(self) -> ServerStatus:
        with told_as_fault(self._layout.root):
            found = self._live()
        if found is None:
            return ServerStatus("stopped", 0, self._newest_data(), "")
        live, data = found
        if live.is_stopping:
            return ServerStatus("stopping", live.pid, data, "")
        if not (live.is_ready and live.socket.exists()):
            return ServerStatus("starting", live.pid, data, "")
        return ServerStatus("running", live.pid, data, dsn_of(live))

    def stop(self, patience_seconds: float = 30) -> bool:
        """Stops the server, whoever started it; False when none was running.

        Open transactions are rolled back. EmbeddedFault when it does not end.
        """
        if not self._layout.root.exists():
            return False
        with self._alone():
            found = self._live()
            if found is None:
                return False
            self._end(*found, patience_seconds)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        seconds = self._options.patience_seconds
        with (
            told_as_fault(self._layout.root),
            locked(self._layout.start_lock, seconds) as is_locked,
        ):
            if not is_locked:
                raise EmbeddedFault(
                    f"Another process has been starting PostgreSQL in {self._layout.root} for "
                    f"{seconds:.0f} s. Wait for it, or end it and start again.",
                    is_temporary=True,
                )
            yield

    def _newest_data(self) -> Path | None:
        with told_as_fault(self._layout.root):
            majors = self._layout.majors()
        return self._layout.data(majors[0]) if majors else None

    def _live(self) -> tuple[Postmaster, Path] | None:
        for major in self._layout.majors():
            data = self._layout.data(major)
            if live := find_postmaster(data):
                return live, data
        return None

    def _attachable(self) -> Postmaster | None:
        """A live server that can be reached.

        One whose socket was swept away is ended, and so is one that was told to end.
        """
        found = self._live()
        if found is None:
            return None
        first, data = found
        if not wait_until(lambda: _is_decided(data), self._options.patience_seconds):
            raise EmbeddedFault(
                f"PostgreSQL (pid {first.pid}) is not ready yet. It goes on by itself: "
                f"look at {self._layout.log} and start again in a while.",
                is_temporary=True,
            )
        live = find_postmaster(data)
        if live is None or (live.is_ready and live.socket.exists()):
            return live
        self._end(live, data, self._options.patience_seconds)
        return None

    def _has_just_died(self, live: Postmaster) -> bool:
        """It was killed a moment before we attached: the kernel had not ended it yet."""
        found = self._live()
        return found is None or found[0].pid != live.pid

    def _end(self, live: Postmaster, data: Path, patience_seconds: float) -> None:
        if not processes.end(live, data, patience_seconds):
            raise EmbeddedFault(
                f"PostgreSQL (pid {live.pid}) did not end. Look at {self._layout.log}, "
                f"then end that process yourself (kill -QUIT {live.pid})."
            )
        with contextlib.suppress(OSError):  # Somebody put something there: then it stays.
            live.run_directory.rmdir()


def _is_decided(data: Path) -> bool:
    live = find_postmaster(data)
    return live is None or live.is_ready or live.is_stopping
