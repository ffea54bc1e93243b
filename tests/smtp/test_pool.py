"""The pool: many sessions, one line of mails, nothing lost between them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest
import uvloop

from postroad.core.mail import Mail, RelayTarget
from postroad.core.outcome import Outcome, Phase, Verdict
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.session import Session
from postroad.engine.smtp.shares import Lane
from postroad.engine.smtp.timeouts import Timeouts
from postroad.testing.certificates import Certificates
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import PATIENT, QUICK, Outcomes, some_mails


class Watched:
    """A pool whose callbacks are remembered."""

    def __init__(self, relay: RelayTarget, timeouts: Timeouts, **options: Any) -> None:
        self.outcomes = Outcomes()
        self.refusals: list[RelayRefusal] = []
        self.sessions: list[Session] = []
        self.pool = Pool(
            relay,
            timeouts,
            self.outcomes,
            refused=self.refusals.append,
            opened=self.sessions.append,
            **options,
        )


@asynccontextmanager
async def a_pool(
    relay: RelayTarget, timeouts: Timeouts = PATIENT, **options: Any
) -> AsyncIterator[Watched]:
    watched = Watched(relay, timeouts, **options)
    try:
        yield watched
    finally:
        await watched.pool.close(0.1)


async def drained(pool: Pool) -> None:
    await asyncio.wait_for(pool.drain(), 20)


async def test_a_hundred_mails_use_every_connection_and_arrive_once() -> None:
    async with Relay() as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 100}
        assert set(relay.tally.accepted.values()) == {1}
        assert len({event.connection for event in relay.events}) == 4


async def test_no_more_connections_are_opened_than_there_are_mails() -> None:
    async with Relay() as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(2))
        await drained(watched.pool)
        assert relay.open_connections == 2


async def test_a_trickle_stays_on_one_open_connection() -> None:
    async with Relay() as relay, a_pool(relay.target()) as watched:
        for key in range(1, 11):
            watched.pool.offer(some_mails(1, first=key))
            await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 10}
        assert len(watched.sessions) == 1


async def test_a_slow_mail_keeps_no_other_waiting_while_a_connection_is_free() -> None:
    slow = Rule(Phase.DOT, nth=(1,), delay=5)
    async with Relay(Script(rules=(slow,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(2))
        await relay.until("accepted", 2)
        watched.pool.offer(some_mails(5, first=3))
        await relay.until("accepted", 7)
        assert 1 not in watched.outcomes.by_key


async def test_idle_sessions_quit_and_the_next_mail_opens_one() -> None:
    async with Relay() as relay, a_pool(relay.target(), idle_seconds=0.05) as watched:
        watched.pool.offer(some_mails(1))
        await drained(watched.pool)
        await relay.until("closed")
        assert watched.pool.connections == 0
        watched.pool.offer(some_mails(1, first=2))
        await drained(watched.pool)
    assert watched.outcomes.counts == {Verdict.ACCEPTED: 2}


async def test_no_mail_begins_before_its_moment() -> None:
    loop = asyncio.get_running_loop()
    began: dict[int, float] = {}

    def answered(mail: Mail, _outcome: Outcome) -> None:
        began[mail.key] = loop.time()

    async with Relay() as relay:
        pool = Pool(relay.target(), PATIENT, answered)
        start = loop.time()
        for mail in some_mails(10):
            pool.offer([mail], start + 0.03 * mail.key)
        assert not relay.open_connections
        await drained(pool)
        await pool.close()
    assert all(at >= start + 0.03 * key for key, at in began.items())
    assert max(began.values()) < start + 3


async def test_a_moment_comes_even_while_every_open_session_is_busy() -> None:
    loop = asyncio.get_running_loop()
    slow = Rule(Phase.DOT, nth=(1,), delay=5)
    async with Relay(Script(rules=(slow,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(1))
        await relay.until("accepted")
        watched.pool.offer(some_mails(1, first=2), loop.time() + 0.05)
        await relay.until("accepted", 2)


async def test_withdraw_hands_back_at_once_everything_not_begun() -> None:
    script = Script(delays={Phase.DOT: 0.1})
    async with Relay(script) as relay, a_pool(relay.target(connections=3)) as watched:
        watched.pool.offer(some_mails(30))
        await relay.until("accepted", 3)
        in_flight = watched.pool.in_flight
        back = watched.pool.withdraw()
        assert watched.pool.in_flight == in_flight == 3
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 3}
        keys = {mail.key for mail in back}
        assert len(back) == len(keys) == 27
        assert keys.isdisjoint(watched.outcomes.by_key)
        watched.pool.offer(back)
        await drained(watched.pool)
        assert set(relay.tally.accepted.values()) == {1}
        assert len(relay.tally.accepted) == 30


async def test_after_a_withdrawal_no_transaction_begins_at_a_slow_relay() -> None:
    script = Script(delays={Phase.DOT: 0.6})
    async with Relay(script) as relay, a_pool(relay.target(connections=20)) as watched:
        watched.pool.offer(some_mails(200))
        await relay.until("accepted", 20)
        back = watched.pool.withdraw()
        await drained(watched.pool)
        assert len(relay.tally.begun_recipients) == 20
        assert len(back) == 180


async def test_a_mail_whose_connection_broke_before_it_began_gets_another() -> None:
    rules = (
        Rule(Phase.RCPT, Act.DROP, nth=(5, 20, 21)),
        Rule(Phase.MAIL, Act.DROP, nth=(40,)),
        Rule(Phase.DATA, Act.GARBAGE, nth=(60,)),
    )
    async with Relay(Script(rules=rules)) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 100}
        assert set(relay.tally.accepted.values()) == {1}
        assert not watched.refusals


async def test_a_mail_under_which_connections_always_break_is_deferred() -> None:
    rule = Rule(Phase.RCPT, Act.DROP, recipient="person7@*")
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(30))
        await drained(watched.pool)
        assert watched.outcomes[7].verdict is Verdict.DEFERRED
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 29, Verdict.DEFERRED: 1}
        assert relay.tally.begun_recipients["person7@example.org"] == 4


@pytest.mark.fault(14)
async def test_unknown_is_never_tried_again() -> None:
    rule = Rule(Phase.DOT, Act.DROP, every=10)
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 90, Verdict.UNKNOWN: 10}
        assert set(relay.tally.received.values()) == {1}


async def test_a_relay_that_breaks_every_connection_counts_as_down() -> None:
    script = Script(rules=(Rule(Phase.MAIL, Act.DROP),))
    async with Relay(script) as relay, a_pool(relay.target(connections=1)) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.NOT_BEGUN: 100}
        assert [refusal.temporary for refusal in watched.refusals] == [True]
        assert len(watched.sessions) <= 4


@pytest.mark.fault(13)
async def test_silence_after_every_dot_leaves_few_unknown() -> None:
    script = Script(rules=(Rule(Phase.DOT, Act.SILENCE),))
    target = {"connections": 2}
    async with Relay(script) as relay, a_pool(relay.target(**target), QUICK) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        counts = watched.outcomes.counts
        assert counts[Verdict.UNKNOWN] <= 4
        assert counts[Verdict.UNKNOWN] + counts[Verdict.NOT_BEGUN] == 100
        assert set(relay.tally.received.values()) == {1}


async def test_a_relay_that_is_down_gives_every_mail_back_and_says_so_once() -> None:
    async with Relay() as relay:
        target = relay.target()
    async with a_pool(target) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.NOT_BEGUN: 100}
        (refusal,) = watched.refusals
        assert refusal.phase is Phase.CONNECT
        assert refusal.temporary


async def test_after_a_refusal_the_next_offer_tries_again() -> None:
    rule = Rule(Phase.BANNER, reply="421 4.3.2 Not now", nth=(1,))
    target = {"connections": 1}
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target(**target)) as watched:
        watched.pool.offer(some_mails(3))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.NOT_BEGUN: 3}
        assert watched.outcomes[1].slow_down
        watched.pool.offer(some_mails(3, first=11))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.NOT_BEGUN: 3, Verdict.ACCEPTED: 3}


async def test_a_relay_that_allows_fewer_connections_still_gets_every_mail() -> None:
    rule = Rule(Phase.BANNER, reply="421 4.7.0 Too many connections", nth=(2, 3, 4))
    script = Script(rules=(rule,), delays={Phase.DOT: 0.01})
    async with Relay(script) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(1))
        await relay.until("accepted")
        watched.pool.offer(some_mails(50, first=2))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 51}
        assert not watched.refusals


async def test_a_relay_that_ends_each_session_after_some_mails_gets_them_all() -> None:
    rule = Rule(Phase.MAIL, reply="421 4.7.0 Enough for now", every=10)
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(50))
        await drained(watched.pool)
        counts = watched.outcomes.counts
        assert counts[Verdict.ACCEPTED] + counts[Verdict.DEFERRED] == 50
        assert not watched.refusals


@pytest.mark.fault(12)
async def test_a_refused_account_stops_the_pool_and_burns_no_recipient() -> None:
    rule = Rule(Phase.MAIL, reply="550 5.7.1 Account disabled")
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts[Verdict.DEFERRED] <= 4
        assert len(watched.outcomes.by_key) == 100
        assert all(one.about_account for one in watched.outcomes.by_key.values())
        assert watched.refusals[0].needs_person
        assert not relay.tally.received


@pytest.mark.parametrize(
    ("phase", "reply"),
    [(Phase.MAIL, "550 5.0.0 Sender refused"), (Phase.RCPT, "550 5.7.1 Relaying denied")],
)
@pytest.mark.fault(12)
async def test_the_same_refusal_for_three_mails_in_a_row_stops_the_relay(
    phase: Phase, reply: str
) -> None:
    script = Script(rules=(Rule(phase, reply=reply),))
    async with Relay(script) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        counts = watched.outcomes.counts
        assert counts[Verdict.DEAD] == counts[Verdict.REJECTED] == 0
        assert len(watched.outcomes.by_key) == 100
        assert watched.refusals[0].needs_person
        assert counts[Verdict.DEFERRED] <= 10


@pytest.mark.fault(12)
async def test_many_unknown_recipients_in_a_row_stop_nothing() -> None:
    rule = Rule(Phase.RCPT, reply="550 5.1.1 No such user", nth=tuple(range(5, 50)))
    async with Relay(Script(rules=(rule,))) as relay, a_pool(relay.target()) as watched:
        watched.pool.offer(some_mails(100))
        await drained(watched.pool)
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 55, Verdict.REJECTED: 45}
        assert not watched.refusals


async def test_close_cuts_what_is_not_answered_within_its_grace() -> None:
    async with Relay(Script(rules=(Rule(Phase.DOT, Act.SILENCE),))) as relay:
        watched = Watched(relay.target(connections=1), PATIENT)
        watched.pool.offer(some_mails(10))
        await relay.until("received")
        back = await watched.pool.close(0.05)
    assert watched.outcomes.verdicts == [Verdict.UNKNOWN]
    assert len(back) == 9


async def test_a_fault_in_our_own_callback_comes_out_at_drain() -> None:
    def answered(_mail: Mail, _outcome: Outcome) -> None:
        raise ZeroDivisionError

    async with Relay() as relay:
        pool = Pool(relay.target(), PATIENT, answered)
        pool.offer(some_mails(1))
        with pytest.raises(ZeroDivisionError):
            await drained(pool)
        await pool.close()


async def test_two_hundred_mails_of_50_kb_over_four_tls_connections(
    certificates: Certificates,
) -> None:
    tail = (b"x" * 70 + b"\r\n") * 700
    mails = some_mails(200, body=tail)
    script = Script(certificate=str(certificates.valid))
    async with Relay(script) as relay:
        target = relay.target(tls="starttls", ca_file=str(certificates.authority))
        async with a_pool(target) as watched:
            watched.pool.offer(mails)
            await drained(watched.pool)
            assert watched.outcomes.counts == {Verdict.ACCEPTED: 200}
            assert set(relay.tally.accepted.values()) == {1}
            assert all(one.tls_description.startswith("TLSv1.") for one in watched.sessions)
        octets = {event.octets for event in relay.events if event.event == "accepted"}
        assert octets == {mail.size for mail in mails}


def test_it_runs_on_uvloop_too() -> None:
    async def story() -> None:
        rules = (
            Rule(Phase.RCPT, Act.DROP, nth=(5,)),
            Rule(Phase.DOT, Act.DROP, nth=(17,)),
            Rule(Phase.RCPT, reply="550 5.1.1 No", nth=(30,)),
        )
        async with Relay(Script(rules=rules)) as relay, a_pool(relay.target()) as watched:
            watched.pool.offer(some_mails(100, body=b"y" * 70 + b"\r\n"))
            watched.pool.offer(some_mails(2, first=200, body=b"z" * 300_000 + b"\r\n"))
            await drained(watched.pool)
            assert watched.outcomes.counts == {
                Verdict.ACCEPTED: 100,
                Verdict.UNKNOWN: 1,
                Verdict.REJECTED: 1,
            }

    uvloop.run(story())


def test_moments_nearer_than_a_millisecond_come_on_uvloop_too() -> None:
    async def story() -> None:
        async with Relay() as relay, a_pool(relay.target()) as watched:
            now = monotonic()
            for number in range(3):
                watched.pool.offer(some_mails(1, first=number), now + 0.0004 - number / 10_000)
            await drained(watched.pool)
            assert watched.outcomes.counts == {Verdict.ACCEPTED: 3}

    uvloop.run(story())


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_most_tokens_are_used_though_they_are_short_lived(
    new_loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    """Half of them, on any machine: a loop's own time would lose four in five."""

    async def story() -> None:
        async with Relay() as relay, a_pool(relay.target()) as watched:
            tokens = [monotonic() + 0.1 + number * 0.02 for number in range(100)]
            watched.pool.offer_limited(1, some_mails(100), tokens, 0.0075, Lane("other"))
            await asyncio.sleep(tokens[-1] + 0.1 - monotonic())
            assert watched.outcomes.counts[Verdict.ACCEPTED] >= 50

    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(story())
