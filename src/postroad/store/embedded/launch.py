"""Starts a PostgreSQL where none lives; the caller holds the start lock."""

import hashlib
import os
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from postroad.store.embedded.account import Account
from postroad.store.embedded.cluster import (
    ENVIRONMENT,
    Cluster,
    choose_cluster,
    make_cluster,
)
from postroad.store.embedded.faults import EmbeddedFault, fault_of_log, told_as_fault
from postroad.store.embedded.layout import (
    PORT,
    Layout,
    make_run_directory,
    require_reachable,
)
from postroad.store.embedded.locks import open_lock, take, wait_until
from postroad.store.embedded.postmaster import (
    Postmaster,
    find_postmaster,
    forget_stale_files,
    left_behind,
)

LOG_OCTETS_KEPT = 10_000_000


@dataclass(frozen=True, slots=True)
class Options:
    """`orphan_seconds` is how long the last processes of a killed server may take to end."""

    settings: Mapping[str, str]
    shelf: Path
    patience_seconds: float
    orphan_seconds: float


def start_alone(layout: Layout, account: Account, options: Options) -> Postmaster:
    cluster = choose_cluster(layout, options.shelf)
    require_reachable(cluster.data, account)
    require_reachable(cluster.binaries.directory, account)
    run_directory = make_run_directory(layout, account)
    running = _take_running_lock(layout, cluster, options.orphan_seconds)
    try:
        if not cluster.is_made:
            make_cluster(cluster, account, options.settings, running)
        forget_stale_files(cluster.data, run_directory)
        rotate(layout.log)
        log_start = layout.log.stat().st_size if layout.log.exists() else 0
        child = _launch(cluster, account, run_directory, layout.log, running)
    finally:
        os.close(running)
    live = _wait_until_ready(child, cluster.data, options.patience_seconds)
    if live is None:
        raise _why_not(child, cluster.data, layout.log, log_start)
    return live


def _take_running_lock(layout: Layout, cluster: Cluster, seconds: float) -> int:
    """After a kill -9 the server's other processes notice, and end within moments."""
    descriptor = open_lock(layout.running_lock(cluster.binaries.major))
    if wait_until(lambda: take(descriptor), seconds):
        return descriptor
    os.close(descriptor)
    pids = " ".join(str(pid) for pid in left_behind(cluster_name(cluster.data)))
    raise EmbeddedFault(
        f"Processes of an earlier PostgreSQL still use {cluster.data}"
        f"{f' (pids {pids})' if pids else ''}. "
        f"End them, here or in the container that shares this directory, and start again.",
        is_temporary=True,
    )


def cluster_name(data: Path) -> str:
    """Stands in the title of every process of the server, so that left ones can be named."""
    return f"postroad-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def rotate(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_OCTETS_KEPT:
        log.replace(log.with_name(log.name + ".1"))


def _launch(
    cluster: Cluster, account: Account, run_directory: Path, log: Path, running: int
) -> subprocess.Popen[bytes]:
    """All processes of the server inherit the running lock and let it go when the last one ends."""
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": str(run_directory),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "cluster_name": cluster_name(cluster.data),
        "log_line_prefix": "%m [%p] ",
    }
    command = [cluster.binaries.program("postgres"), "-D", str(cluster.data)]
    for name, value in fixed.items():
        command += ["-c", f"{name}={value}"]
    with log.open("ab") as output, told_as_fault(cluster.data):
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(running,),
            start_new_session=True,
            cwd="/",
            env=dict(ENVIRONMENT),
            umask=0o077,
            user=account.user,
            group=account.group,
            extra_groups=account.extra_groups,
        )
    # We may live as long as it does: whoever starts a process has to take its end.
    threading.Thread(target=child.wait, name="postgres-reaper", daemon=True).start()
    return child


def _wait_until_ready(
    child: subprocess.Popen[bytes], data: Path, seconds: float
) -> Postmaster | None:
    """None: it ended, or it is still not ready (a long recovery goes on by itself)."""
    found: list[Postmaster] = []

    def is_decided() -> bool:
        live = find_postmaster(data)
        if live is not None and live.pid == child.pid and live.is_ready:
            found.append(live)
        return bool(found) or child.poll() is not None

    wait_until(is_decided, seconds)
    return found[0] if found else None


def _why_not(
    child: subprocess.Popen[bytes], data: Path, log: Path, log_start: int
) -> EmbeddedFault:
    if child.poll() is None:
        return EmbeddedFault(
            f"PostgreSQL (pid {child.pid}) is still recovering after a crash. "
            f"It goes on by itself: look at {log} and start again in a while.",
            is_temporary=True,
        )
    with log.open("rb") as lines:
        lines.seek(log_start)
        tail = lines.read().decode("utf-8", "replace").strip()
    return fault_of_log(tail, data, log)
