"""A session, step by step, against the fake relay."""

import asyncio
import hashlib

import pytest

from postroad.core.mail import Mail
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.attempt import LARGEST_WRITE
from postroad.engine.smtp.session import SLOW_DOT_SECONDS, EndKind
from postroad.engine.smtp.source import FixedSource
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import QUICK, Outcomes, a_mail, opened, sent, some_mails

LOCK_STEP = ("SIZE 52428800", "8BITMIME")


async def test_mails_arrive_as_they_are_and_once() -> None:
    mails = some_mails(50)
    async with Relay() as relay:
        outcomes, end = await sent(relay.target(), mails)
        accepted = [event for event in relay.events if event.event == "accepted"]
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 50
    assert end.kind is EndKind.QUIT
    assert end.accepted == end.answered == 50
    assert [event.sha256 for event in accepted] == [
        hashlib.sha256(b"".join(mail.pieces)).hexdigest() for mail in mails
    ]
    assert [event.recipient for event in accepted] == [mail.recipient for mail in mails]


async def test_envelopes_are_pipelined_behind_the_final_dot() -> None:
    async with Relay(Script(delays={Phase.MAIL: 0.01, Phase.DOT: 0.01})) as relay:
        await sent(relay.target(), some_mails(5))
        begun = [event for event in relay.events if event.event == "begun"]
        accepted = [event for event in relay.events if event.event == "accepted"]
    assert all(event.is_ahead for event in begun), "RCPT and DATA came with MAIL"
    assert [event.is_ahead for event in accepted] == [False, True, True, True, False]


async def test_nothing_is_pipelined_behind_the_dot_at_a_slow_relay() -> None:
    async with Relay(Script(delays={Phase.DOT: SLOW_DOT_SECONDS})) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(3))
        accepted = [event for event in relay.events if event.event == "accepted"]
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 3
    assert not any(event.is_ahead for event in accepted)


async def test_without_pipelining_every_command_waits_for_its_reply() -> None:
    async with Relay(Script(announce=LOCK_STEP, delays={Phase.MAIL: 0.01})) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(5))
        events = relay.events
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 5
    assert not any(event.is_ahead for event in events)


@pytest.mark.parametrize("announce", [Script().announce, LOCK_STEP], ids=["pipelined", "lock-step"])
@pytest.mark.parametrize(
    ("phase", "reply", "verdict"),
    [
        (Phase.MAIL, "451 4.3.0 Later", Verdict.DEFERRED),
        (Phase.MAIL, "552 5.3.4 Too big", Verdict.DEAD),
        (Phase.RCPT, "450 4.2.0 Busy", Verdict.DEFERRED),
        (Phase.RCPT, "550 5.1.1 No such user", Verdict.REJECTED),
        (Phase.RCPT, "550-5.7.1 Not\n550 5.7.1 wanted", Verdict.REJECTED),
        (Phase.DATA, "451 4.3.0 Later", Verdict.DEFERRED),
        (Phase.DATA, "554 5.6.0 Cannot", Verdict.DEAD),
        (Phase.DOT, "451 4.3.0 Later", Verdict.DEFERRED),
        (Phase.DOT, "552 5.3.4 Too big", Verdict.DEAD),
        (Phase.DOT, "550 5.7.1 Looks like spam", Verdict.REJECTED),
    ],
)
async def test_a_refused_mail_leaves_its_neighbours_alone(
    phase: Phase, reply: str, verdict: Verdict, announce: tuple[str, ...]
) -> None:
    rule = Rule(phase, reply=reply, nth=(2,))
    async with Relay(Script(announce=announce, rules=(rule,))) as relay:
        outcomes, end = await sent(relay.target(), some_mails(4))
    assert outcomes.verdicts == [Verdict.ACCEPTED, verdict, Verdict.ACCEPTED, Verdict.ACCEPTED]
    assert end.kind is EndKind.QUIT
    refused = outcomes[2]
    assert refused.phase is phase
    assert refused.reply is not None
    assert refused.reply.code == int(reply[:3])
    assert refused.reply.enhanced == reply[4:9]
    assert f"{phase.value} {reply[:3]} {reply[4:9]}" in refused.dialogue


async def test_several_refusals_in_a_row_stay_in_step() -> None:
    rules = (
        Rule(Phase.RCPT, reply="550 5.1.1 No", nth=(1, 2, 5, 8)),
        Rule(Phase.MAIL, reply="451 4.3.0 Later", nth=(3, 6)),
        Rule(Phase.DOT, reply="450 4.2.0 Busy", nth=(4,)),
    )
    async with Relay(Script(rules=rules)) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(9))
    a, d, r = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.REJECTED
    assert outcomes.verdicts == [r, r, d, d, r, d, a, r, a]


async def test_a_354_without_a_recipient_gets_a_lone_dot_and_delivers_nothing() -> None:
    rule = Rule(Phase.RCPT, reply="550 5.1.1 No", nth=(1,))
    async with Relay(Script(rules=(rule,), answers_data_always=True)) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(2))
        events = [event.event for event in relay.events]
    assert outcomes.verdicts == [Verdict.REJECTED, Verdict.ACCEPTED]
    assert events.count("empty") == 1
    assert events.count("accepted") == 1


@pytest.mark.fault(11)
async def test_421_ends_the_session_and_the_mail_behind_was_not_begun() -> None:
    rule = Rule(Phase.DOT, reply="421 4.7.0 Too fast", nth=(2,))
    async with Relay(Script(rules=(rule,))) as relay:
        outcomes, end = await sent(relay.target(), some_mails(5))
    a, d, n = Verdict.ACCEPTED, Verdict.DEFERRED, Verdict.NOT_BEGUN
    assert outcomes.verdicts == [a, d, n]
    assert outcomes[2].slow_down
    assert end.kind is EndKind.CLOSED


@pytest.mark.parametrize("reply", ["530 5.7.0 Sign in", "550 5.7.1 Sender not yours"])
@pytest.mark.fault(12)
async def test_a_refusal_of_the_account_burns_nobody_and_ends_the_session(reply: str) -> None:
    async with Relay(Script(rules=(Rule(Phase.MAIL, reply=reply),))) as relay:
        outcomes, end = await sent(relay.target(), some_mails(5))
    assert outcomes.verdicts == [Verdict.DEFERRED]
    assert outcomes[1].about_account
    assert end.kind is EndKind.ACCOUNT


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE, Act.GARBAGE])
@pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DATA])
@pytest.mark.fault(14)
async def test_a_break_before_the_content_means_not_begun(phase: Phase, act: Act) -> None:
    async with Relay(Script(rules=(Rule(phase, act, nth=(2,)),))) as relay:
        outcomes, end = await sent(relay.target(), some_mails(4), QUICK)
        tally = relay.tally
    assert outcomes.verdicts == [Verdict.ACCEPTED, Verdict.NOT_BEGUN]
    assert outcomes[2].phase is phase
    assert outcomes[2].reply is None
    assert end.kind is EndKind.LOST
    assert set(tally.received) == {"<1@example.com>"}


@pytest.mark.parametrize("is_accepted", [True, False])
@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE, Act.GARBAGE])
@pytest.mark.fault(13, 14)
async def test_a_break_after_the_dot_means_unknown(act: Act, *, is_accepted: bool) -> None:
    rule = Rule(Phase.DOT, act, nth=(2,), is_accepted=is_accepted)
    async with Relay(Script(rules=(rule,))) as relay:
        outcomes, end = await sent(relay.target(), some_mails(4), QUICK)
    a, u, n = Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.NOT_BEGUN
    assert outcomes.verdicts == [a, u, n]
    assert outcomes[2].phase is Phase.DOT
    assert "settle it" in outcomes[2].text
    assert end.kind is EndKind.LOST


@pytest.mark.parametrize("reply", ["354 What?", "220 Hello"])
@pytest.mark.fault(14)
async def test_a_reply_to_the_dot_that_is_no_answer_means_unknown(reply: str) -> None:
    async with Relay(Script(rules=(Rule(Phase.DOT, reply=reply, nth=(2,)),))) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(3), QUICK)
    assert outcomes.verdicts == [Verdict.ACCEPTED, Verdict.UNKNOWN, Verdict.NOT_BEGUN]


@pytest.mark.fault(14)
async def test_words_too_many_are_never_taken_for_the_answer_to_the_dot() -> None:
    rule = Rule(Phase.DATA, reply="354 Go ahead\n250 2.0.0 Ok: queued", nth=(2,))
    async with Relay(Script(rules=(rule,))) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(3), QUICK)
        tally = relay.tally
    assert outcomes.verdicts == [Verdict.ACCEPTED, Verdict.NOT_BEGUN]
    assert set(tally.received) == {"<1@example.com>"}


@pytest.mark.parametrize("reply", ["250 Ok", "220 Hello"])
async def test_a_yes_where_354_belongs_sends_no_content(reply: str) -> None:
    async with Relay(Script(rules=(Rule(Phase.DATA, reply=reply, nth=(1,)),))) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(2), QUICK)
        tally = relay.tally
    assert outcomes.verdicts == [Verdict.NOT_BEGUN]
    assert not tally.received


@pytest.mark.fault(13)
async def test_a_slow_drip_is_still_a_reply() -> None:
    rules = tuple(Rule(phase, Act.DRIP, delay=0.001) for phase in (Phase.EHLO, Phase.DOT))
    async with Relay(Script(rules=rules)) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(3))
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 3


async def test_a_large_mail_goes_out_in_parts_and_whole() -> None:
    body = (b"x" * 70 + b"\r\n") * (LARGEST_WRITE // 10)
    mails = some_mails(3, body=body)
    async with Relay() as relay:
        outcomes, _ = await sent(relay.target(), mails)
        found = [event.sha256 for event in relay.events if event.event == "accepted"]
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 3
    assert found == [hashlib.sha256(b"".join(mail.pieces)).hexdigest() for mail in mails]


async def test_a_connection_lost_within_the_content_means_deferred() -> None:
    async with _DropsInContent() as port, Relay() as relay:
        target = relay.target(port=port)
        outcomes, _ = await sent(target, [a_mail(body=b"x\r\n" * 8_000_000)])
    assert outcomes.verdicts == [Verdict.DEFERRED]
    assert "content" in outcomes[1].text


@pytest.mark.fault(12)
async def test_a_mail_over_the_announced_size_is_dead_and_never_begun() -> None:
    async with Relay(Script(announce=("PIPELINING", "SIZE 100"))) as relay:
        outcomes, _ = await sent(relay.target(), [a_mail(1, body=b"x" * 98 + b"\r\n"), a_mail(2)])
        tally = relay.tally
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.ACCEPTED]
    assert outcomes[1].text.startswith("5.3.4 ")
    assert list(tally.begun_recipients) == ["person2@example.org"]


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org>\r\nRCPT TO:<b@example.org",
        "a\r\n@example.org",
        "a\n@example.org",
        "a\0@example.org",
        "a@example.org\N{LINE SEPARATOR}",
        "a b@example.org",
        "",
        "nobody",
    ],
)
async def test_an_address_that_could_break_out_is_dead_and_never_sent(address: str) -> None:
    crooked = Mail(1, "me@example.com", address, a_mail().pieces, 10)
    forged = Mail(2, address or "\r", "person2@example.org", a_mail().pieces, 10)
    async with Relay() as relay:
        outcomes, _ = await sent(relay.target(), [crooked, forged, a_mail(3)])
        tally = relay.tally
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.DEAD, Verdict.ACCEPTED]
    assert list(tally.begun_recipients) == ["person3@example.org"]


@pytest.mark.parametrize("body", [b"a\n.\r\nMAIL FROM:<x@y>\r\n", b"a\r.\r\n", b"no end"])
async def test_content_that_could_end_early_is_dead_and_never_sent(body: bytes) -> None:
    async with Relay() as relay:
        outcomes, _ = await sent(relay.target(), [a_mail(1, body=body), a_mail(2)])
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.ACCEPTED]


@pytest.mark.fault(12)
async def test_smtputf8_is_used_where_announced_and_asked_for_where_not() -> None:
    mails = [a_mail(1, recipient="jürgen@bücher.example"), a_mail(2)]
    async with Relay() as relay:
        outcomes, _ = await sent(relay.target(), mails)
        assert "jürgen@bücher.example" in relay.tally.accepted_recipients
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 2
    async with Relay(Script(announce=("PIPELINING",))) as relay:
        outcomes, _ = await sent(relay.target(), mails)
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.ACCEPTED]
    assert "SMTPUTF8" in outcomes[1].text


async def test_8_bit_content_needs_8bitmime() -> None:
    mails = [a_mail(1, body="Grüße\r\n".encode()), a_mail(2)]
    async with Relay() as relay:
        outcomes, _ = await sent(relay.target(), mails)
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 2
    async with Relay(Script(announce=("PIPELINING",))) as relay:
        outcomes, _ = await sent(relay.target(), mails)
    assert outcomes.verdicts == [Verdict.DEAD, Verdict.ACCEPTED]


async def test_what_is_taken_back_is_neither_reported_nor_sent() -> None:
    async with Relay(Script(rules=(Rule(Phase.DOT, nth=(2,), delay=0.2),))) as relay:
        outcomes = Outcomes()
        session = await opened(relay.target())
        running = asyncio.create_task(session.run(FixedSource(some_mails(5)), outcomes))
        await relay.until("accepted", 2)
        assert session.in_flight == 1
        back = session.take_back()
        end = await running
    assert [mail.key for mail in back] == [3]
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 2
    assert end.kind is EndKind.WITHDRAWN
    assert set(relay.tally.accepted) == {"<1@example.com>", "<2@example.com>"}


async def test_a_mail_waiting_for_its_envelope_can_be_taken_back_at_once() -> None:
    async with Relay(Script(rules=(Rule(Phase.RCPT, Act.SILENCE),))) as relay:
        outcomes = Outcomes()
        session = await opened(relay.target())
        running = asyncio.create_task(session.run(FixedSource(some_mails(2)), outcomes))
        await relay.until("begun")
        assert [mail.key for mail in session.take_back()] == [1]
        end = await asyncio.wait_for(running, 20)
    assert end.kind is EndKind.WITHDRAWN
    assert not outcomes.by_key


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DOT])
async def test_cutting_a_session_reports_every_mail_it_took(phase: Phase) -> None:
    async with Relay(Script(rules=(Rule(phase, Act.SILENCE, nth=(2,)),))) as relay:
        outcomes = Outcomes()
        session = await opened(relay.target())
        running = asyncio.create_task(session.run(FixedSource(some_mails(3)), outcomes))
        await (relay.until("received") if phase is Phase.DOT else relay.until("begun", 2))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    cut = [Verdict.UNKNOWN, Verdict.NOT_BEGUN] if phase is Phase.DOT else [Verdict.NOT_BEGUN]
    assert outcomes.verdicts == [Verdict.ACCEPTED, *cut]


async def test_no_reply_can_forge_a_line_of_the_dialogue() -> None:
    reply = "550 5.1.1 No\rdot 250 2.0.0 Ok\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}\N{LINE SEPARATOR}x"
    async with Relay(Script(rules=(Rule(Phase.RCPT, reply=reply),))) as relay:
        outcomes, _ = await sent(relay.target(), [a_mail()])
    refused = outcomes[1]
    assert len(refused.dialogue.splitlines()) == 2
    assert refused.dialogue.replace("\n", "").isprintable()
    assert refused.text.isprintable()


async def test_a_long_explanation_is_cut() -> None:
    reply = "\n".join([*["550-5.7.1 " + "words " * 80] * 50, "550 5.7.1 end"])
    async with Relay(Script(rules=(Rule(Phase.RCPT, reply=reply),))) as relay:
        outcomes, _ = await sent(relay.target(), [a_mail()])
    assert outcomes.verdicts == [Verdict.REJECTED]
    assert len(outcomes[1].dialogue) <= 2048


class _DropsInContent:
    """A relay that says 354, reads a little and cuts the connection."""

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        assert isinstance(port, int)
        return port

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        for answer in (b"250-hi\r\n250 PIPELINING", b"250 ok", b"250 ok", b"354 go"):
            await reader.readline()
            writer.write(answer + b"\r\n")
        await reader.readexactly(1000)
        writer.transport.abort()
