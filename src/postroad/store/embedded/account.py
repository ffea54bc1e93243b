"""Who runs PostgreSQL: it refuses root, so root hands it to an account of its own."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from postroad.store.embedded.faults import OR_A_DSN, EmbeddedFault

SYSTEM_ACCOUNT = "postroad"

_WAYS_TO_ADD: tuple[Sequence[str], ...] = (
    (
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir=/nonexistent",
        "--shell=/usr/sbin/nologin",
        SYSTEM_ACCOUNT,
    ),
    ("adduser", "-S", "-D", "-H", "-s", "/sbin/nologin", SYSTEM_ACCOUNT),  # busybox
)


@dataclass(frozen=True, slots=True)
class Account:
    """The account whose processes PostgreSQL's are. `is_dropped_to`: we are root, it is not."""

    name: str
    uid: int
    gid: int
    is_dropped_to: bool

    @property
    def user(self) -> int | None:
        """For Popen: None leaves the process who it is."""
        return self.uid if self.is_dropped_to else None

    @property
    def group(self) -> int | None:
        return self.gid if self.is_dropped_to else None

    @property
    def extra_groups(self) -> list[int] | None:
        return [] if self.is_dropped_to else None


def account_for(data: Path | None) -> Account:
    """Ourselves; for root the owner of an existing data directory, else an account of its own.

    Makes the system account when root needs it. EmbeddedFault when our uid has
    no line in the passwd file (initdb would refuse) or no account can be made.
    """
    if os.geteuid() != 0:
        return _ourselves()
    if data is not None and (owner := data.stat().st_uid) != 0:
        entry = _entry_of_uid(owner)
        gid = entry.pw_gid if entry else data.stat().st_gid
        return Account(entry.pw_name if entry else str(owner), owner, gid, is_dropped_to=True)
    entry = _entry_of_name(SYSTEM_ACCOUNT) or _add_system_account()
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_dropped_to=True)


def _ourselves() -> Account:
    uid = os.geteuid()
    entry = _entry_of_uid(uid)
    if entry is None:
        raise EmbeddedFault(
            f"The uid {uid} has no line in the passwd file, and PostgreSQL refuses to make a "
            f"database for a nameless account. Start as a named account, {OR_A_DSN}."
        )
    return Account(entry.pw_name, uid, os.getegid(), is_dropped_to=False)


def _add_system_account() -> pwd.struct_passwd:
    said = "neither useradd nor adduser is installed"
    for command in _WAYS_TO_ADD:
        if shutil.which(command[0]) is None:
            continue
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        # Another start may have been quicker: then the command fails and the account is there.
        if entry := _entry_of_name(SYSTEM_ACCOUNT):
            return entry
        said = (done.stderr or done.stdout).strip()
    raise EmbeddedFault(
        f"PostgreSQL refuses to run as root, and the account {SYSTEM_ACCOUNT} could not be made "
        f"({said}). Add a system account of that name, start as an ordinary user, {OR_A_DSN}.",
        cause=said,
    )


def _entry_of_uid(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _entry_of_name(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None
