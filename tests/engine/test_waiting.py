"""A batch that waits for tokens asks again, whenever exactly its moment comes."""

import asyncio
from time import monotonic
from typing import cast

import pytest

from postroad.core.ids import BatchId, RelayId, RevisionId, RunId
from postroad.engine import sending
from postroad.engine.budget import Budgets
from postroad.engine.facts import FactRow
from postroad.engine.ledger.writing import NoLedger
from postroad.engine.protocol import ClaimedBatch, Protocol, WindowReport
from postroad.engine.sending import Load, Sending
from postroad.engine.smtp.pool import Pool

A_BATCH = ClaimedBatch(
    BatchId(1), RunId(1), "other", 1, 0, 100, 100, RevisionId(1), RelayId(1),
    is_urgent=False, is_personal=False, sender_name="", sender_address="me@example.com",
    reply_to="", postal_address="", public_url="",
)  # fmt: skip
A_LOOK_SECONDS = 0.02
NO_TOKEN = WindowReport("wait", None, None, None, None, None, 1.5 * A_LOOK_SECONDS, 0.0, None, 0)
DONE = WindowReport("done", None, None, None, None, None, None, 0.0, None, 0)


class Answers:
    """What the database says to one report after the other."""

    def __init__(self, *reports: WindowReport) -> None:
        self.left = list(reports)

    async def report_window(
        self,
        _batch: ClaimedBatch,
        _facts: list[FactRow],
        _hi: int | None,
        _unbegun: list[int] | None,
        _spare: int,
    ) -> WindowReport:
        return self.left.pop(0)


class NoConnections:
    connections = 0


async def test_a_moment_that_comes_between_two_looks_at_the_clock_is_not_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each look takes 20 ms: as on a machine that is busy at just that moment."""
    looks = 0

    def slow_clock() -> float:
        nonlocal looks
        looks += 1
        return monotonic() + looks * A_LOOK_SECONDS

    monkeypatch.setattr(sending, "monotonic", slow_clock)
    answers = Answers(NO_TOKEN, NO_TOKEN, NO_TOKEN, DONE)
    budget = Budgets(monotonic).of("other", is_urgent=False)
    batch = Sending(
        A_BATCH, Load({}, {}, b""), cast("Protocol", answers), cast("Pool", NoConnections()),
        budget, 1, NoLedger(),
    )  # fmt: skip
    await asyncio.wait_for(batch.run(), 20)
    assert answers.left == []
