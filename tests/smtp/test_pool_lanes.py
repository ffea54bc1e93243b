"""Whose mails go first in a relay's line, and over how many of its connections."""

import asyncio

import pytest

from postroad.core.mail import Mail
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.shares import Lane
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import a_mail, some_mails
from tests.smtp.test_pool import a_pool, drained


async def test_urgent_mails_go_before_those_that_wait_already() -> None:
    slow = Script(delays={Phase.DOT: 0.05})
    async with Relay(slow) as relay, a_pool(relay.target(connections=1)) as watched:
        watched.pool.offer(some_mails(20), lane=Lane("other"))
        await relay.until("accepted", 2)
        watched.pool.offer(some_mails(3, first=100), lane=Lane("other", is_urgent=True))
        await drained(watched.pool)
        begun = [event.recipient for event in relay.events if event.event == "begun"]
        urgent = [begun.index(f"person{key}@example.org") for key in (100, 101, 102)]
        # One is at the relay when they come, and one behind it.
        assert urgent == [urgent[0], urgent[0] + 1, urgent[0] + 2]
        assert urgent[0] <= 4


async def test_urgent_mails_of_a_slow_lane_do_not_wait_for_its_share_of_connections() -> None:
    slow = Script(rules=(Rule(Phase.RCPT, recipient="person?@*", act=Act.SILENCE),))
    async with Relay(slow) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(9), lane=Lane("other"))
        await relay.until("begun", 2)
        watched.pool.offer(some_mails(3, first=100), lane=Lane("other", is_urgent=True))
        await relay.until("accepted", 3)


def at_once(relay: Relay, domain: str) -> int:
    """The most mails of a domain that were begun and not ended at a moment."""
    on_way: dict[int, str] = {}
    most = 0
    for event in relay.events:
        if event.event == "begun":
            on_way[event.connection] = event.recipient.rpartition("@")[2]
        elif event.event == "accepted":
            del on_way[event.connection]
        most = max(most, sum(each == domain for each in on_way.values()))
    return most


def two_domains(count: int) -> list[Mail]:
    """All of the first before any of the second."""
    names = ["one.example"] * count + ["two.example"] * count
    return [a_mail(k + 1, recipient=f"p{k}@{name}") for k, name in enumerate(names)]


@pytest.mark.parametrize("is_limited", [False, True])
async def test_a_domain_without_a_lane_has_few_connections_and_others_go_past_it(
    *, is_limited: bool
) -> None:
    slow = Script(delays={Phase.DATA: 0.05})
    target = {"connections": 8, "domain_connections": 3}
    async with Relay(slow) as relay, a_pool(relay.target(**target)) as it:
        it.pool.offer(some_mails(8, first=100))
        await drained(it.pool)
        mails, lane = two_domains(20), Lane("other")
        if is_limited:
            now = asyncio.get_running_loop().time()
            it.pool.offer_limited(1, mails, [now + k / 100 for k in range(60)], 5, lane)
        else:
            it.pool.offer(mails, lane=lane)
        await drained(it.pool)
        assert it.outcomes.counts == {Verdict.ACCEPTED: 48}
        assert (at_once(relay, "one.example"), at_once(relay, "two.example")) == (3, 3)
        first = [event.recipient for event in relay.events if event.event == "begun"][8:23]
        assert any("two.example" in recipient for recipient in first)


async def test_a_lane_of_its_own_is_not_bound_so() -> None:
    slow = Script(delays={Phase.DATA: 0.05})
    target = {"connections": 8, "domain_connections": 3}
    async with Relay(slow) as relay, a_pool(relay.target(**target)) as it:
        it.pool.offer(two_domains(20)[:20])
        await drained(it.pool)
        assert at_once(relay, "one.example") == 8


async def test_a_mail_with_a_token_gets_a_connection_of_a_relay_that_is_kept_busy() -> None:
    async with Relay() as relay, a_pool(relay.target(connections=1)) as it:
        it.pool.offer(some_mails(1000), lane=Lane("quick"))
        await relay.until("accepted", 20)
        now = asyncio.get_running_loop().time()
        it.pool.offer_limited(1, some_mails(1, first=2000), [now], 5, Lane("bound"))
        await drained(it.pool)
        begun = [event.recipient for event in relay.events if event.event == "begun"]
        assert begun.index("person2000@example.org") < 500
