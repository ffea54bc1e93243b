"""Which relays are out of use now, and since when and why."""

from dataclasses import dataclass
from datetime import datetime

from postroad.core.ids import RelayId
from postroad.store.rows import rows


@dataclass(frozen=True, slots=True)
class RelayStop:
    """`retry_at`: tried again by itself then; None = a person must act."""

    relay_id: RelayId
    stopped_at: datetime
    retry_at: datetime | None
    reason: str


def stops() -> dict[RelayId, RelayStop]:
    """By relay; whoever is in use is left out."""
    found = (RelayStop(**row) for row in rows("relay_stops"))
    return {stop.relay_id: stop for stop in found}
