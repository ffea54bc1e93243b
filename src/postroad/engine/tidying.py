"""What happens by itself and slowly: partitions made ahead, what has had its time dropped.

One small step of each kind a turn, so that sending never waits for it.
"""

from dataclasses import dataclass
from typing import Final, LiteralString

from postroad.engine.protocol import Protocol

MONTHS_AHEAD = 2
_BY_DAYS: Final[tuple[LiteralString, ...]] = (
    "SELECT drop_prepared(%s)",
    "SELECT drop_lost_tries(%s)",
)


@dataclass(frozen=True, slots=True)
class Retention:
    """None: for ever."""

    prepared_days: int | None = 90
    journal_months: int | None = None


async def tidy(protocol: Protocol, retention: Retention) -> bool:
    """One turn. True when there may be more to drop."""
    await protocol.value("SELECT keep_journal_months(%s)", MONTHS_AHEAD)
    dropped: object = None
    if retention.journal_months is not None:
        dropped = await protocol.value("SELECT drop_journal_month(%s)", retention.journal_months)
    if retention.prepared_days is not None:
        for drop in _BY_DAYS:
            dropped = await protocol.value(drop, retention.prepared_days) or dropped
    return bool(dropped)
