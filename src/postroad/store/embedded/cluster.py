"""A data directory: made once, whole or not at all, and opened with its own major."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from postroad.store.embedded.account import Account
from postroad.store.embedded.binaries import (
    Binaries,
    binaries_of_major,
    major_of,
    wheel_binaries,
    wheel_version,
)
from postroad.store.embedded.faults import (
    OR_A_DSN,
    EmbeddedFault,
    disk_full,
    fault_of,
    told_as_fault,
)
from postroad.store.embedded.layout import Layout

SUPERUSER = "postroad"
DATABASE = "postroad"

SETTINGS: Mapping[str, str] = {
    # A committed e-mail is a promise: these are PostgreSQL's defaults, said aloud.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # A laptop: little memory, many short transactions of web and workers.
    "max_connections": "200",
    "shared_buffers": "128MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "jit": "off",
    "max_wal_size": "1GB",
    "autovacuum_naptime": "15s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
}
"""Written into postgresql.conf when a cluster is made, so that ALTER SYSTEM can change them."""

ENVIRONMENT: Mapping[str, str] = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True, slots=True)
class Cluster:
    data: Path
    binaries: Binaries

    @property
    def is_made(self) -> bool:
        return (self.data / "PG_VERSION").exists()


def choose_cluster(layout: Layout, shelf: Path) -> Cluster:
    """The wheel's own major where there is data of it or none at all; else the newest there is.

    EmbeddedFault, with nothing touched, when the data cannot be opened by any
    PostgreSQL at hand.
    """
    majors = layout.majors()
    wheel_major = major_of(wheel_version())
    major = wheel_major if wheel_major in majors or not majors else majors[0]
    data = layout.data(major)
    _require_same_major(data, major)
    if major == wheel_major:
        return Cluster(data, wheel_binaries(shelf))
    binaries = binaries_of_major(major, shelf)
    if binaries is None:
        raise _no_binaries(data, major, wheel_major)
    return Cluster(data, binaries)


def _require_same_major(data: Path, major: int) -> None:
    with told_as_fault(data):
        try:
            found = (data / "PG_VERSION").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            found = ""
    if found and found != str(major):
        raise EmbeddedFault(
            f"{data} should hold data of PostgreSQL {major} but says that it is of "
            f"PostgreSQL {found}. Nothing was touched. Rename it to "
            f"{data.with_name(found)}, or put the right directory there."
        )
    if not found and data.exists() and any(data.iterdir()):
        raise EmbeddedFault(
            f"{data} holds files but is no data directory of PostgreSQL (no PG_VERSION). "
            f"Nothing was touched. Move it out of the way and start again."
        )


def _no_binaries(data: Path, major: int, wheel_major: int) -> EmbeddedFault:
    return EmbeddedFault(
        f"The data in {data} are of PostgreSQL {major}; installed is PostgreSQL {wheel_major}. "
        f"Nothing was touched. Install PostgreSQL {major} (Debian: postgresql-{major}) or go back "
        f"to the Postroad that made them, dump them and restore the dump with this one, {OR_A_DSN}."
    )


def make_cluster(
    cluster: Cluster, account: Account, settings: Mapping[str, str], running: int
) -> None:
    """Made beside its place, then renamed: killed before, the next start does it again.

    The collation is C.UTF-8 of PostgreSQL itself: the same on every machine,
    and no operating system upgrade can change it under an index. `running` is
    the running lock: an initdb whose starter was killed goes on for a while,
    and the next one must wait for its end.
    """
    part = cluster.data.with_name(cluster.data.name + ".part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        os.chown(part, account.uid, account.gid)
        done = run_as(account, _initdb(cluster.binaries, part, settings), running)
        if done.returncode != 0:
            raise _initdb_fault(done, cluster.data)
        part.rename(cluster.data)  # Over an empty directory at most.
    except OSError as error:
        raise fault_of(error, cluster.data) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _initdb(binaries: Binaries, data: Path, settings: Mapping[str, str]) -> list[str]:
    return [
        binaries.program("initdb"),
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        # Who is let into the socket's directory is let in; there is no other way in.
        "--auth-local=trust",
        "--auth-host=reject",
        "--no-instructions",
        *(["--no-sync"] if settings.get("fsync") == "off" else []),
        *(f"--set={name}={value}" for name, value in settings.items()),
    ]


def _initdb_fault(done: subprocess.CompletedProcess[str], data: Path) -> EmbeddedFault:
    said = (done.stderr or done.stdout).strip()
    if "No space left on device" in said:
        return disk_full(data, said)
    shown = "\n".join(f"  {line}" for line in said.splitlines()[-5:])
    return EmbeddedFault(
        f"PostgreSQL could not make its data directory {data}:\n{shown}\n"
        f"Mend that and start again, {OR_A_DSN}.",
        cause=said,
    )


def run_as(
    account: Account, command: list[str], inherited: int
) -> subprocess.CompletedProcess[str]:
    """Runs to the end, as the account, from a directory that every account may be in."""
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd="/",
        env=dict(ENVIRONMENT),
        umask=0o077,
        pass_fds=(inherited,),
        user=account.user,
        group=account.group,
        extra_groups=account.extra_groups,
    )
