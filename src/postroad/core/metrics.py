"""What metrics tell, as it is read; names and meanings are in docs/metrics.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LATENCY_BOUNDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds; the same as in note_latency.sql, which a test compares."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One look. Rows as the database has them; see metrics.sql."""

    queues: Sequence[Mapping[str, Any]]
    age_seconds: float | None
    outcomes: Sequence[Mapping[str, Any]]
    latencies: Sequence[Mapping[str, Any]]
    runs: Mapping[str, int]
    workers: Mapping[str, int]
    in_flight: int
    relays_stopped: int
    alarms: Mapping[str, int]
    feeds: Mapping[str, int]
    suppressions: int
