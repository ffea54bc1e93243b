"""Runs in a list, the newest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from postroad.core.ids import RunId
from postroad.store.rows import rows


@dataclass(frozen=True, slots=True)
class RunRow:
    """`counts` by delivery state, from the counters."""

    id: RunId
    campaign_id: int
    campaign: str
    state: str
    recipients: int
    reason: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    counts: Mapping[str, int]


def runs(limit: int = 50) -> list[RunRow]:
    """One query."""
    found = rows("run_list", {"limit": limit})
    # Django leaves jsonb to its model fields.
    return [RunRow(**row | {"counts": json.loads(row["counts"])}) for row in found]
