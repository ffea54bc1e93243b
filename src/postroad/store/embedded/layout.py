"""Where the embedded server keeps what, and the short directory of its socket."""

import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from postroad.store.embedded.account import Account
from postroad.store.embedded.faults import EmbeddedFault, told_as_fault

PORT = 5432
"""Names the socket file only: nothing listens on a network port."""

SOCKET_PATH_OCTETS = 107
"""sockaddr_un.sun_path, less its final NUL."""


@dataclass(frozen=True, slots=True)
class Layout:
    """`home` is real (no symbolic links in it), so that two names are one server."""

    home: Path

    @property
    def root(self) -> Path:
        return self.home / "postgres"

    @property
    def shelf(self) -> Path:
        return self.root / "binaries"

    @property
    def start_lock(self) -> Path:
        """Held while one process starts or stops the server; the others wait for it."""
        return self.root / "start.lock"

    @property
    def log(self) -> Path:
        return self.home / "log" / "postgres.log"

    def data(self, major: int) -> Path:
        return self.root / str(major)

    def running_lock(self, major: int) -> Path:
        """Held by every process of a server; let go by the kernel when the last one ends."""
        return self.root / f"{major}.running"

    def majors(self) -> list[int]:
        """Majors of which there is data, the newest first."""
        found = [
            int(path.name)
            for path in (self.root.iterdir() if self.root.exists() else ())
            if path.name.isdecimal() and path.is_dir()
        ]
        return sorted(found, reverse=True)


def make_directories(layout: Layout, account: Account) -> None:
    """Makes what is missing; what exists keeps its mode and owner, parents most of all.

    For a dropped account the way to the data may be walked but not listed.
    """
    mode = 0o711 if account.is_dropped_to else 0o700
    for directory in (layout.home, layout.root):
        with told_as_fault(directory):
            _make(directory, mode)
    with told_as_fault(layout.log.parent):
        _make(layout.log.parent, 0o700)


def _make(directory: Path, mode: int) -> None:
    if directory.is_dir():
        return
    _make(directory.parent, mode)
    try:
        directory.mkdir()
    except FileExistsError:
        if not directory.is_dir():
            raise
        return  # Another start was quicker; the mode is its business.
    directory.chmod(mode)


def require_reachable(data: Path, account: Account) -> None:
    """EmbeddedFault naming the directory that root's dropped account cannot enter."""
    if not account.is_dropped_to:
        return
    for directory in reversed(data.parents):
        status = directory.stat()
        is_open = status.st_mode & stat.S_IXOTH
        is_own = status.st_uid == account.uid or status.st_gid == account.gid
        if not is_open and not is_own:
            raise EmbeddedFault(
                f"PostgreSQL runs as the account {account.name}, which cannot enter {directory} "
                f"(mode {stat.S_IMODE(status.st_mode):04o}). Set POSTROAD_HOME to a directory "
                f"that it can reach, such as /var/lib/postroad."
            )


def make_run_directory(layout: Layout, account: Account) -> Path:
    """A directory for the socket: short, 0700, the account's own; the same at every start."""
    name = f"postroad-{hashlib.sha256(os.fsencode(layout.root)).hexdigest()[:12]}"
    refusals = []
    for base in _bases():
        directory = base / name
        if len(os.fsencode(directory / f".s.PGSQL.{PORT}")) > SOCKET_PATH_OCTETS:
            refusals.append(f"{base}: too long for a socket")
            continue
        try:
            _make_own(directory, account)
        except OSError as error:
            refusals.append(f"{base}: {error.strerror or error}")
            continue
        return directory
    raise EmbeddedFault(
        f"No directory for PostgreSQL's socket could be made ({'; '.join(refusals)}). "
        f"Set XDG_RUNTIME_DIR to a short directory of your own."
    )


def _bases() -> Iterator[Path]:
    places = ["/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR", "")]
    places += [tempfile.gettempdir(), "/tmp"]  # noqa: S108  (the last resort; ownership is checked)
    for place in places:
        # PostgreSQL reads its socket directories as a list, so no comma or quote.
        if re.fullmatch(r"/[\w./-]+", place, re.ASCII) and Path(place).is_dir():
            yield Path(place).resolve()


def _make_own(directory: Path, account: Account) -> None:
    """Refuses a directory that somebody else made at that name, a symbolic link too."""
    try:
        directory.mkdir(mode=0o700)
        os.chown(directory, account.uid, account.gid)
    except FileExistsError:
        status = directory.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise PermissionError(0, f"{directory} is no directory") from None
        if status.st_uid != account.uid:
            _take_over(directory, status, account)
        if stat.S_IMODE(status.st_mode) != 0o700:
            raise PermissionError(0, f"{directory} is open to others") from None


def _take_over(directory: Path, status: os.stat_result, account: Account) -> None:
    """Root was killed between making and giving away; anybody else's stays theirs."""
    if os.geteuid() != 0 or status.st_uid != 0:
        raise PermissionError(0, f"{directory} belongs to somebody else")
    os.chown(directory, account.uid, account.gid)
