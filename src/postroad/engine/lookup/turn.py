"""A worker's turn at unknowns whose run asks a look-up: claim, ask, record what was said."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog

from postroad.core.ids import RunId
from postroad.engine.lookup.asking import Question, ask
from postroad.engine.protocol import Protocol

MOST_AT_ONCE: Final = 8
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    """What is done about unknowns without a person, in runs that say so.

    `after_seconds`: a mail is asked about, or sent again, no earlier than this after it
    became unknown. `programs`: where look-up programs lie; None: none can be asked on
    this host. `lookup_seconds`: for one answer.
    """

    after_seconds: float = 900
    programs: Path | None = None
    lookup_seconds: float = 10


@dataclass(frozen=True, slots=True)
class Due:
    """A row of claim_lookups."""

    run_id: RunId
    n: int
    attempt: int
    message_id: str
    address: str
    at: datetime
    relay: str
    lookup: str
    ca_file: str


async def look_up(protocol: Protocol, plan: PolicyPlan) -> bool:
    """One turn. True when something was asked, so that the next may follow at once."""
    due = await protocol.rows(
        Due,
        "SELECT * FROM claim_lookups(%s, %s, %s)",
        MOST_AT_ONCE, plan.after_seconds, 3 * plan.lookup_seconds,
    )  # fmt: skip
    await asyncio.gather(*(_settle(protocol, plan, each) for each in due))
    return bool(due)


async def _settle(protocol: Protocol, plan: PolicyPlan, due: Due) -> None:
    question = Question(due.message_id, due.address, due.relay, due.at)
    heard = await ask(due.lookup, question, plan.programs, due.ca_file, plan.lookup_seconds)
    did = await protocol.value(
        "SELECT settle_by_lookup(%s, %s, %s, %s, %s, %s)",
        due.run_id, due.n, due.attempt, heard.answer.value, plan.after_seconds, heard.said,
    )  # fmt: skip
    _log.info("looked_up", run=due.run_id, n=due.n, answer=heard.answer.value, did=did)
