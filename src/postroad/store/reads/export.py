"""Every delivery of a run, streamed for an export."""

from collections.abc import Iterator
from dataclasses import dataclass

from postroad.core.ids import RunId
from postroad.store.rows import rows

PAGE_SIZE = 5_000


@dataclass(frozen=True, slots=True)
class ExportRow:
    """`message_id` without its angle brackets."""

    n: int
    address: str
    state: str
    attempt: int
    message_id: str


def deliveries(run_id: RunId) -> Iterator[ExportRow]:
    """In the order of their number, a page in memory at a time."""
    after = 0
    while found := rows("export_page", {"run": run_id, "after": after, "limit": PAGE_SIZE}):
        yield from (ExportRow(**row) for row in found)
        after = found[-1]["n"]
