"""`postroad workers`: who works, where, and how fast."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from postroad.store.reads.worker import WorkerRow


def tell(found: Sequence["WorkerRow"], *, as_json: bool) -> None:
    """The living first; those that ended or fell silent are told for a day."""
    if as_json:
        print(json.dumps([asdict(each) | {"state": each.word} for each in found], default=str))
        return
    if not found:
        print("No worker: start one with `postroad work`, here or on another host.")
        return
    table = Table(box=None, pad_edge=False)
    for title in ("worker", "host", "pid", "version", "state", "stages"):
        table.add_column(title)
    for title in ("mails/s", "in flight", "batches", "heartbeat"):
        table.add_column(title, justify="right")
    for each in found:
        table.add_row(*_cells(each))
    Console().print(table)


def _cells(worker: "WorkerRow") -> list[str]:
    return [
        worker.short_id,
        worker.host,
        str(worker.pid),
        worker.version,
        worker.word,
        ", ".join(worker.stages),
        f"{worker.rate:.1f}",
        f"{worker.in_flight:,}",
        f"{worker.owned:,}",
        f"{worker.silent_seconds:.0f} s ago",
    ]
