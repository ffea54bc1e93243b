"""What metrics tell, as it is read; names and meanings are in docs/metrics.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

LATENCY_BOUNDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0)
"""Seconds; the same as in note_latency.sql, which a test compares."""

REPLY_BOUNDS: Final = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
)
"""Seconds that one mail may take at a relay; a worker sorts its mails by them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One look. Rows as the database has them; see metrics.sql."""

    queues: Sequence[Mapping[str, Any]]
    age_seconds: float | None
    outcomes: Sequence[Mapping[str, Any]]
    latencies: Sequence[Mapping[str, Any]]
    broker: Mapping[str, int]
    runs: Mapping[str, int]
    workers: Mapping[str, int]
    in_flight: int
    relays_stopped: int
    alarms: Mapping[str, int]
    feeds: Mapping[str, int]
    suppressions: int
