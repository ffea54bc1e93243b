"""Several mails in one write, at a relay that announces CHUNKING."""

import asyncio
import hashlib

import pytest

from postroad.core.mail import Mail
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.attempt import LARGEST_WRITE
from postroad.engine.smtp.chunked import DEEPEST, ChunkedSession
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.session import SLOW_DOT_SECONDS, EndKind
from postroad.engine.smtp.source import FixedSource
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import PATIENT, QUICK, Outcomes, a_mail, opened, sent, some_mails

ANNOUNCE = (*Script().announce, "CHUNKING")
A, D, R, U, N = (
    Verdict.ACCEPTED,
    Verdict.DEFERRED,
    Verdict.REJECTED,
    Verdict.UNKNOWN,
    Verdict.NOT_BEGUN,
)
FULL = 15
"""After so many accepted mails eight are on their way."""


def script(*rules: Rule, **more: object) -> Script:
    return Script(announce=ANNOUNCE, rules=rules, **more)  # type: ignore[arg-type]


class Watched(FixedSource):
    """Notes how many mails were written before each, and keeps the ledger's order."""

    def __init__(self, mails: list[Mail], outcomes: Outcomes, last_dot: int = 10**6) -> None:
        super().__init__(mails)
        self.outcomes, self.last_dot = outcomes, last_dot
        self.dots: list[int] = []
        self.depths: list[int] = []

    def about_to_dot(self, mail: Mail) -> bool:
        if mail.key > self.last_dot:
            return False
        self.dots.append(mail.key)
        self.depths.append(len(self.dots) - len(self.outcomes.by_key))
        return True


async def watched(script: Script, mails: list[Mail], last_dot: int = 10**6) -> Watched:
    outcomes = Outcomes()
    source = Watched(mails, outcomes, last_dot)
    async with Relay(script) as relay:
        session = await opened(relay.target())
        await session.run(source, outcomes)
    return source


async def test_mails_arrive_as_they_are_dots_included_and_once() -> None:
    mails = some_mails(50, body=b".\r\n..two\r\n.three\r\n\r\n.\r\n")
    async with Relay(script()) as relay:
        outcomes, end = await sent(relay.target(), mails)
        accepted = [event for event in relay.events if event.event == "accepted"]
    assert outcomes.verdicts == [A] * 50
    assert end.kind is EndKind.QUIT
    assert end.accepted == end.answered == 50
    assert [event.sha256 for event in accepted] == [
        hashlib.sha256(b"".join(mail.pieces)).hexdigest() for mail in mails
    ]


async def test_the_depth_grows_from_one_and_every_mail_is_told_before_its_write() -> None:
    source = await watched(script(), some_mails(60))
    assert source.dots == list(range(1, 61))
    assert source.depths[0] == 1
    assert source.depths[1:3] == [1, 2]
    assert max(source.depths) == DEEPEST


async def test_a_slow_relay_gets_one_at_a_time() -> None:
    source = await watched(script(delays={Phase.DOT: SLOW_DOT_SECONDS}), some_mails(4))
    assert source.depths == [1, 1, 1, 1]


async def test_the_depth_falls_to_one_when_the_relay_asks_to_slow_down() -> None:
    rule = Rule(Phase.DOT, reply="451 4.7.1 Slow down", nth=(FULL + 9,))
    source = await watched(script(rule), some_mails(40))
    assert source.outcomes.verdicts == [A] * 23 + [D] + [A] * 16
    assert DEEPEST in source.depths[:23]
    behind = source.depths[FULL + 9 :]
    assert 1 in behind[:DEEPEST], "nothing is written until all that was is answered"


@pytest.mark.parametrize("switch", ["relay", "setting", "pipelining"])
async def test_one_at_a_time_where_it_is_not_announced_or_switched_off(switch: str) -> None:
    announce = ANNOUNCE if switch == "setting" else Script().announce
    announce = ("CHUNKING",) if switch == "pipelining" else announce
    async with Relay(Script(announce=announce)) as relay:
        session = await opened(relay.target(chunking=switch != "setting"))
        assert not isinstance(session, ChunkedSession)
        session.abort()


@pytest.mark.parametrize("nth", [2, FULL + 5])
@pytest.mark.parametrize(
    ("phase", "reply", "verdict"),
    [
        (Phase.MAIL, "451 4.3.0 Later", D),
        (Phase.MAIL, "552 5.3.4 Too big", Verdict.DEAD),
        (Phase.RCPT, "450 4.2.0 Busy", D),
        (Phase.RCPT, "550 5.1.1 No such user", R),
        (Phase.RCPT, "550-5.7.1 Not\n550 5.7.1 wanted", R),
        (Phase.DOT, "451 4.3.0 Later", D),
        (Phase.DOT, "552 5.3.4 Too big", Verdict.DEAD),
    ],
)
@pytest.mark.fault(11, 12)
async def test_a_refused_mail_leaves_its_neighbours_alone(
    phase: Phase, reply: str, verdict: Verdict, nth: int
) -> None:
    rule = Rule(phase, reply=reply, nth=(nth,))
    count = FULL + 10
    async with Relay(script(rule)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(count))
        received = relay.tally.received
    assert outcomes.verdicts == [A] * (nth - 1) + [verdict] + [A] * (count - nth)
    assert end.kind is EndKind.QUIT
    assert outcomes[nth].phase is phase
    assert outcomes[nth].reply is not None
    assert f"<{nth}@example.com>" not in received or phase is Phase.DOT


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DOT])
@pytest.mark.fault(11)
async def test_what_lies_behind_421_was_not_begun(phase: Phase) -> None:
    rule = Rule(phase, reply="421 4.7.0 Too fast", nth=(FULL + 3,))
    async with Relay(script(rule)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(60))
        accepted = set(relay.tally.accepted)
    verdicts = outcomes.verdicts
    assert verdicts[: FULL + 2] == [A] * (FULL + 2)
    assert verdicts[FULL + 2] is D
    assert set(verdicts[FULL + 3 :]) <= {N}
    assert accepted == {f"<{n}@example.com>" for n in range(1, FULL + 3)}
    assert end.kind is EndKind.CLOSED


@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DOT])
@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE, Act.GARBAGE])
@pytest.mark.fault(13, 14)
async def test_what_was_written_and_not_answered_is_unknown(phase: Phase, act: Act) -> None:
    rule = Rule(phase, act, nth=(FULL + 3,), is_accepted=True)
    async with Relay(script(rule)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(60), QUICK)
        accepted = set(relay.tally.accepted)
    answered = [n for n, outcome in outcomes.by_key.items() if outcome.verdict is A]
    unknown = [n for n, outcome in outcomes.by_key.items() if outcome.verdict is U]
    assert answered == list(range(1, FULL + 3))
    assert 1 <= len(unknown) <= DEEPEST
    assert len(answered) + len(unknown) == len(outcomes.by_key)
    assert {f"<{n}@example.com>" for n in answered} <= accepted
    assert accepted <= {f"<{n}@example.com>" for n in [*answered, *unknown]}
    assert all(outcomes[n].phase is Phase.DOT for n in unknown)
    assert end.kind is EndKind.LOST


@pytest.mark.fault(14)
async def test_a_refusal_that_was_read_counts_though_the_connection_breaks_then() -> None:
    rules = (Rule(Phase.RCPT, reply="550 5.1.1 No", nth=(1,)), Rule(Phase.MAIL, Act.DROP, nth=(2,)))
    async with Relay(script(*rules)) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(2))
    assert outcomes.verdicts == [R, U]


@pytest.mark.fault(14)
async def test_an_answer_too_many_to_an_address_is_not_taken_for_that_to_the_content() -> None:
    rule = Rule(Phase.MAIL, reply="250 2.1.0 Ok\n250 2.1.0 Ok", nth=(3,))
    async with Relay(script(rule)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(3))
    assert outcomes.verdicts == [A, A, U]
    assert end.kind is EndKind.LOST


@pytest.mark.fault(12)
async def test_a_refusal_of_the_account_ends_the_session_and_burns_nobody() -> None:
    rule = Rule(Phase.MAIL, reply="530 5.7.0 Sign in")
    async with Relay(script(rule)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(5))
    assert outcomes.verdicts == [D]
    assert outcomes[1].about_account
    assert end.kind is EndKind.ACCOUNT
    later = Rule(Phase.MAIL, reply="530 5.7.0 Sign in", nth=tuple(range(FULL + 1, 60)))
    async with Relay(script(later)) as relay:
        outcomes, end = await sent(relay.target(), some_mails(60))
    assert outcomes.verdicts[:FULL] == [A] * FULL
    assert set(outcomes.verdicts[FULL:]) == {D}
    assert len(outcomes.by_key) <= FULL + DEEPEST
    assert end.kind is EndKind.ACCOUNT


async def test_without_a_ledger_no_further_mail_is_written() -> None:
    source = await watched(script(), some_mails(30), last_dot=20)
    assert source.dots == list(range(1, 21))
    assert source.outcomes.verdicts == [A] * 20 + [N]


async def test_a_large_mail_goes_out_alone_and_whole() -> None:
    body = (b"x" * 70 + b"\r\n") * (LARGEST_WRITE // 10)
    mails = [a_mail(n, body=body if n in (1, 5, 6) else b"") for n in range(1, 10)]
    async with Relay(script()) as relay:
        outcomes, _ = await sent(relay.target(), mails)
        found = [event.sha256 for event in relay.events if event.event == "accepted"]
    assert outcomes.verdicts == [A] * 9
    assert found == [hashlib.sha256(b"".join(mail.pieces)).hexdigest() for mail in mails]


@pytest.mark.parametrize("nth", [1, FULL + 1])
async def test_cutting_a_session_reports_every_mail_it_took(nth: int) -> None:
    async with Relay(script(Rule(Phase.DOT, Act.SILENCE, nth=(nth,)))) as relay:
        outcomes = Outcomes()
        session = await opened(relay.target())
        running = asyncio.create_task(session.run(FixedSource(some_mails(60)), outcomes))
        await relay.until("received")
        assert 1 <= session.in_flight <= DEEPEST
        assert session.take_back() == []
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    assert outcomes.counts[A] <= nth - 1
    assert 1 <= outcomes.counts[U] == len(outcomes.by_key) - outcomes.counts[A]


async def test_a_pool_takes_back_what_was_not_written() -> None:
    outcomes = Outcomes()
    async with Relay(script(delays={Phase.DOT: 0.01})) as relay:
        pool = Pool(relay.target(connections=2), PATIENT, outcomes)
        pool.offer(some_mails(100))
        await relay.until("accepted", 5)
        back = pool.withdraw()
        await pool.drain()
        await pool.close()
        accepted = relay.tally.accepted
    assert len(back) >= 100 - 5 - 3 * DEEPEST
    assert sorted([*outcomes.by_key, *(mail.key for mail in back)]) == list(range(1, 101))
    assert outcomes.counts == {A: sum(accepted.values())}
