"""Facts as they are handed to `record_facts`."""

from datetime import UTC, datetime

import msgspec

from postroad.core.lifecycle import FactKind
from postroad.core.outcome import Outcome, Verdict

KIND_OF: dict[Verdict, FactKind] = {
    Verdict.ACCEPTED: FactKind.ACCEPTED,
    Verdict.DEFERRED: FactKind.DEFERRED,
    Verdict.REJECTED: FactKind.REJECTED,
    Verdict.DEAD: FactKind.DEAD,
    Verdict.UNKNOWN: FactKind.UNKNOWN,
    Verdict.NOT_BEGUN: FactKind.NOT_BEGUN,
}


class FactRow(msgspec.Struct, omit_defaults=True, frozen=True):
    """One element of p_facts; field names are those of the SQL function."""

    n: int
    attempt: int
    kind: FactKind
    at: datetime | None = None
    relay: int | None = None
    code: int | None = None
    enhanced: str | None = None
    phase: str | None = None
    text: str = ""
    dialogue: str | None = None
    cause: str | None = None
    lane: str | None = None


def fact_of(
    n: int, attempt: int, relay: int, lane: str, outcome: Outcome, read_at: float | None
) -> FactRow:
    """The fact that an SMTP try came to, read then by the database's clock.

    None: the moment of recording counts.
    """
    reply = outcome.reply
    return FactRow(
        n=n,
        attempt=attempt,
        kind=KIND_OF[outcome.verdict],
        at=datetime.fromtimestamp(read_at, UTC) if read_at else None,
        relay=relay,
        code=reply.code if reply else None,
        enhanced=(reply.enhanced or None) if reply else None,
        phase=outcome.phase.value,
        text=outcome.text.replace("\x00", " "),
        dialogue=outcome.dialogue.replace("\x00", " ") or None,
        lane=lane,
    )


_encoder = msgspec.json.Encoder()


def encode(facts: list[FactRow]) -> str:
    """The JSON array that record_facts takes."""
    return _encoder.encode(facts).decode()
