"""CPU time of other processes: on a shared machine a fairer measure than the clock."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pids: Iterable[int]) -> float:
    """Of these processes, all they have started and live, and all they have waited for."""
    family = _children()
    todo, seen = list(pids), set[int]()
    while todo:
        pid = todo.pop()
        if pid not in seen:
            seen.add(pid)
            todo += family.get(pid, [])
    return sum(_own(pid) for pid in seen)


def postmaster_of(home: Path) -> int:
    """The postmaster of the embedded server below `home`."""
    found = next(home.glob("**/postmaster.pid"))
    return int(found.read_text().splitlines()[0])


def _children() -> dict[int, list[int]]:
    family: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _fields(int(entry.name))):
            family.setdefault(int(fields[1]), []).append(int(entry.name))
    return family


def _own(pid: int) -> float:
    fields = _fields(pid)
    return sum(map(int, fields[11:15])) / _TICKS if fields else 0.0


def _fields(pid: int) -> list[str]:
    """From the state on; empty when the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text.rpartition(") ")[2].split()
