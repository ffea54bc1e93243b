"""Each step waits as long as its own time-out says: a relay that falls silent there (FAULTS 13)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any

import pytest

from postroad.core.ids import RelayId
from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.session import EndKind
from postroad.engine.smtp.timeouts import Timeouts
from postroad.testing.certificates import Certificates
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import a_mail, refusal_of, sent

LONG = 3600.0
"""No test here ends if it waits for one of these."""
SHORT = 0.05
PATIENCE_SECONDS = 30.0
SAID = f"no reply came in {SHORT} s"
FIELD = {phase: phase.value for phase in Phase} | {Phase.DOT: "after_dot"}
ANNOUNCE = {
    "pipelined": Script().announce,
    "lock-step": ("8BITMIME",),
    "chunked": (*Script().announce, "CHUNKING"),
}
STEPS = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.DOT)
NO_DATA = ("chunked", Phase.DATA)
"""Content that is counted has no such command."""
pytestmark = pytest.mark.fault(13)


def short_at(name: str) -> Timeouts:
    """Only this step is waited for briefly."""
    return replace(Timeouts.all_of(LONG), **{name: SHORT})


@pytest.mark.parametrize("phase", [Phase.BANNER, Phase.EHLO, Phase.AUTH, Phase.STARTTLS])
async def test_a_greeting_waits_by_the_time_of_its_step(
    phase: Phase, certificates: Certificates
) -> None:
    script = Script(rules=(Rule(phase, Act.SILENCE),), user="me", password="secret")
    target = {"user": "me", "password": "secret"}
    if phase is Phase.STARTTLS:
        script = replace(script, certificate=str(certificates.valid))
        target["tls"] = "starttls"
    async with asyncio.timeout(PATIENCE_SECONDS), Relay(script) as relay:
        refusal = await refusal_of(relay.target(**target), short_at(FIELD[phase]))
    assert refusal.phase is phase
    assert SAID in refusal.text
    assert refusal.temporary


@pytest.mark.parametrize(
    ("how", "phase"),
    [(how, phase) for how in ANNOUNCE for phase in STEPS if (how, phase) != NO_DATA],
)
async def test_a_mail_waits_by_the_time_of_its_step(phase: Phase, how: str) -> None:
    script = Script(announce=ANNOUNCE[how], rules=(Rule(phase, Act.SILENCE),))
    async with asyncio.timeout(PATIENCE_SECONDS), Relay(script) as relay:
        outcomes, end = await sent(relay.target(), [a_mail()], short_at(FIELD[phase]))
    is_past_its_dot = phase is Phase.DOT or how == "chunked"
    assert outcomes[1].verdict is (Verdict.UNKNOWN if is_past_its_dot else Verdict.NOT_BEGUN)
    assert SAID in outcomes[1].text
    assert end.kind is EndKind.LOST


@pytest.mark.parametrize(
    ("tls", "said", "step"),
    [("implicit", (), "connect"), ("starttls", ("250-hi\r\n250 STARTTLS", "220 go"), "starttls")],
)
async def test_a_handshake_that_is_not_answered_is_given_up_in_its_time(
    tls: str, said: tuple[str, ...], step: str, certificates: Certificates
) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), _falls_silent(*said, greets=bool(said)) as port:
        target = _target(port, tls=tls, ca_file=str(certificates.authority))
        refusal = await refusal_of(target, short_at(step))
    assert f"{SHORT} s" in refusal.text
    assert refusal.temporary


async def test_content_that_the_relay_does_not_take_is_given_up_in_its_time() -> None:
    mail = a_mail(body=b"x\r\n" * 8_000_000)
    async with asyncio.timeout(PATIENCE_SECONDS), _falls_silent(*UP_TO_CONTENT) as port:
        outcomes, _ = await sent(_target(port), [mail], short_at("block"))
    assert f"the relay took nothing for {SHORT} s" in outcomes[1].text
    assert outcomes[1].verdict is Verdict.DEFERRED, "its dot never went out"


async def test_a_goodbye_that_is_not_answered_keeps_nobody() -> None:
    async with asyncio.timeout(PATIENCE_SECONDS), _falls_silent("250 hi") as port:
        outcomes, end = await sent(_target(port), [], short_at("quit"))
    assert end.kind is EndKind.QUIT
    assert outcomes.by_key == {}


def test_by_default_a_relay_has_the_times_of_the_standard_and_ten_minutes_after_the_dot() -> None:
    """RFC 5321, 4.5.3.2: none is shorter than it says."""
    assert {each.name: each.default for each in fields(Timeouts)} == {
        "connect": 30, "banner": 300, "ehlo": 300, "starttls": 120, "auth": 120,
        "mail": 300, "rcpt": 300, "data": 120, "block": 180, "after_dot": 600, "quit": 5,
    }  # fmt: skip
    assert Timeouts().of(Phase.DOT) == 600
    for phase in (Phase.BANNER, Phase.EHLO, Phase.AUTH, Phase.MAIL, Phase.RCPT, Phase.DATA):
        assert Timeouts().of(phase) == getattr(Timeouts(), phase.value)


UP_TO_CONTENT = ("250-hi\r\n250 PIPELINING", "250 ok", "250 ok", "354 go")


def _target(port: int, **changes: Any) -> RelayTarget:
    return replace(RelayTarget(RelayId(1), "127.0.0.1", port, "none"), **changes)


@asynccontextmanager
async def _falls_silent(*answers: str, greets: bool = True) -> AsyncIterator[int]:
    """A server that gives these answers, a line each, and then neither reads nor speaks."""
    over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if greets:
            writer.write(b"220 hello\r\n")
        for answer in answers:
            await reader.readline()
            writer.write(answer.encode() + b"\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await over.wait()
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()
