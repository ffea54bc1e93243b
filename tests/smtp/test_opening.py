"""From an address to a session: every step, refused in every way."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.opening import open_session
from postroad.engine.smtp.timeouts import Timeouts
from postroad.testing.certificates import Certificates
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import opened, refusal_of, sent, some_mails

SECRET = "correct horse battery"
SIGNED_IN = Script(user="me@example.com", password=SECRET)


@pytest.mark.parametrize("phase", [Phase.BANNER, Phase.EHLO])
@pytest.mark.parametrize(
    ("reply", "temporary"), [("421 4.3.2 Not now", True), ("554 5.7.1 Go away", False)]
)
@pytest.mark.fault(11)
async def test_a_refused_greeting_says_whether_a_person_is_needed(
    phase: Phase, reply: str, *, temporary: bool
) -> None:
    async with Relay(Script(rules=(Rule(phase, reply=reply),))) as relay:
        refusal = await refusal_of(relay.target())
        await relay.until("closed")
    assert refusal.phase is phase
    assert refusal.temporary is temporary
    assert refusal.needs_person is not temporary
    assert refusal.reply is not None
    assert refusal.reply.code == int(reply[:3])


@pytest.mark.parametrize("act", [Act.DROP, Act.SILENCE, Act.GARBAGE])
@pytest.mark.parametrize("phase", [Phase.BANNER, Phase.EHLO, Phase.AUTH])
@pytest.mark.fault(13)
async def test_a_relay_that_breaks_off_is_tried_again_later(phase: Phase, act: Act) -> None:
    async with Relay(replace(SIGNED_IN, rules=(Rule(phase, act),))) as relay:
        refusal = await refusal_of(relay.target(user="me@example.com", password=SECRET))
        await relay.until("closed")
    assert refusal.phase is phase
    assert refusal.temporary
    assert not refusal.needs_person
    assert "again" in refusal.text


async def test_a_relay_that_is_down_says_what_to_check() -> None:
    async with Relay() as relay:
        target = relay.target()
    refusal = await refusal_of(target)
    assert refusal.phase is Phase.CONNECT
    assert refusal.temporary
    assert "check" in refusal.text


@pytest.mark.parametrize("host", ["no-such-host.invalid", "x" * 70 + ".example", "a..b"])
async def test_a_host_name_that_leads_nowhere_says_what_to_check(host: str) -> None:
    async with Relay() as relay:
        target = relay.target(host=host)
    refusal = await refusal_of(target, Timeouts.all_of(5))
    assert refusal.phase is Phase.CONNECT
    assert "check" in refusal.text


async def test_a_relay_without_ehlo_is_spoken_to_plainly() -> None:
    async with Relay(Script(is_ehlo_known=False)) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(3))
        events = relay.events
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 3
    assert not any(event.is_ahead for event in events)


# TLS.


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_mails_go_over_verified_tls(tls: str, certificates: Certificates) -> None:
    script = Script(certificate=str(certificates.valid), is_tls_implicit=tls == "implicit")
    async with Relay(script) as relay:
        for host in ("localhost", "127.0.0.1"):
            target = relay.target(host=host, tls=tls, ca_file=str(certificates.authority))
            session = await opened(target)
            assert session.tls_description.startswith("TLSv1.")
            session.abort()
            outcomes, _ = await sent(target, some_mails(20))
            assert outcomes.verdicts == [Verdict.ACCEPTED] * 20


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "renew"),
        ("wrong_host", "host name"),
        ("self_signed", "authority's PEM file"),
    ],
)
@pytest.mark.fault(15)
async def test_a_bad_certificate_stops_the_relay_and_nothing_is_sent(
    kind: str, words: str, tls: str, certificates: Certificates
) -> None:
    script = replace(
        SIGNED_IN, certificate=str(getattr(certificates, kind)), is_tls_implicit=tls == "implicit"
    )
    async with Relay(script) as relay:
        refusal = await refusal_of(
            relay.target(
                host="localhost",
                tls=tls,
                ca_file=str(certificates.authority),
                user="me@example.com",
                password=SECRET,
            )
        )
        assert {event.event for event in relay.events} <= {"closed"}
    assert refusal.phase is Phase.STARTTLS
    assert refusal.needs_person
    assert words in refusal.text
    assert SECRET not in refusal.text


async def test_an_unknown_authority_is_not_trusted(certificates: Certificates) -> None:
    async with Relay(Script(certificate=str(certificates.valid))) as relay:
        refusal = await refusal_of(relay.target(tls="starttls"))
    assert refusal.needs_person
    assert "authority" in refusal.text


@pytest.mark.fault(15)
async def test_stripped_starttls_stops_the_relay_before_any_password() -> None:
    async with Relay(SIGNED_IN) as relay:
        refusal = await refusal_of(
            relay.target(tls="starttls", user="me@example.com", password=SECRET)
        )
    assert refusal.phase is Phase.STARTTLS
    assert refusal.needs_person
    assert "STARTTLS" in refusal.text


@pytest.mark.parametrize(
    ("rule", "temporary"),
    [
        (Rule(Phase.STARTTLS, reply="454 4.7.0 TLS not available"), True),
        (Rule(Phase.STARTTLS, reply="554 5.7.0 No"), False),
        (Rule(Phase.STARTTLS, Act.DROP), True),
        (Rule(Phase.STARTTLS, Act.SILENCE), True),
    ],
)
@pytest.mark.fault(15)
async def test_refused_starttls_never_falls_back_to_clear(
    rule: Rule, certificates: Certificates, *, temporary: bool
) -> None:
    script = Script(certificate=str(certificates.valid), rules=(rule,))
    async with Relay(script) as relay:
        refusal = await refusal_of(relay.target(tls="starttls"))
    assert refusal.phase is Phase.STARTTLS
    assert refusal.temporary is temporary


async def test_words_in_clear_behind_starttls_are_not_believed(
    certificates: Certificates,
) -> None:
    rule = Rule(Phase.STARTTLS, reply="220 2.0.0 Go ahead\n250 injected")
    script = Script(certificate=str(certificates.valid), rules=(rule,))
    async with Relay(script) as relay:
        refusal = await refusal_of(
            relay.target(tls="starttls", ca_file=str(certificates.authority))
        )
    assert refusal.needs_person


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
async def test_tls_with_a_server_that_speaks_none_is_refused(
    tls: str, certificates: Certificates
) -> None:
    rule = Rule(Phase.STARTTLS, reply="220 but I will not\r\nreally", delay=0.01)
    announce = ("PIPELINING", "STARTTLS")
    async with Relay(Script(announce=announce, rules=(rule,))) as relay:
        refusal = await refusal_of(relay.target(tls=tls, ca_file=str(certificates.authority)))
    assert refusal.phase is Phase.STARTTLS


async def test_an_authority_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing")
    async with Relay() as relay:
        for file in (missing, empty):
            refusal = await refusal_of(relay.target(tls="starttls", ca_file=str(file)))
            assert refusal.needs_person
            assert file.name in refusal.text


# Signing in.


@pytest.mark.parametrize("mechanisms", [("PLAIN",), ("LOGIN",), ("CRAM-MD5", "LOGIN"), ("plain",)])
@pytest.mark.parametrize("password", [SECRET, "ümlaut", "x" * 600])
async def test_signing_in_opens_the_relay(mechanisms: tuple[str, ...], password: str) -> None:
    script = replace(SIGNED_IN, mechanisms=mechanisms, password=password)
    async with Relay(script) as relay:
        target = relay.target(user="me@example.com", password=password)
        outcomes, _ = await sent(target, some_mails(2))
    assert outcomes.verdicts == [Verdict.ACCEPTED] * 2


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
@pytest.mark.fault(15)
async def test_a_wrong_password_needs_a_person_and_is_not_shown(mechanism: str) -> None:
    async with Relay(replace(SIGNED_IN, mechanisms=(mechanism,))) as relay:
        refusal = await refusal_of(relay.target(user="me@example.com", password="wrong one"))
    assert refusal.phase is Phase.AUTH
    assert refusal.needs_person
    assert refusal.reply is not None
    assert refusal.reply.code == 535
    assert "password" in refusal.text
    assert "wrong one" not in refusal.text


@pytest.mark.parametrize(
    ("reply", "needs_person"),
    [("454 4.7.0 Try later", False), ("535 5.7.8 No", True), ("534 5.7.9 Weak", True)],
)
async def test_a_refused_sign_in_says_whether_it_may_pass(
    reply: str, *, needs_person: bool
) -> None:
    async with Relay(replace(SIGNED_IN, rules=(Rule(Phase.AUTH, reply=reply),))) as relay:
        refusal = await refusal_of(relay.target(user="me@example.com", password=SECRET))
    assert refusal.needs_person is needs_person


async def test_a_server_that_repeats_the_credentials_does_not_get_them_journaled() -> None:
    encoded = "AG1lQGV4YW1wbGUuY29tAGNvcnJlY3QgaG9yc2UgYmF0dGVyeQ=="
    rule = Rule(Phase.AUTH, reply=f"535 5.7.8 Refused: {encoded} {SECRET}")
    async with Relay(replace(SIGNED_IN, rules=(rule,))) as relay:
        target = relay.target(user="me@example.com", password=SECRET)
        refusal = await refusal_of(target)
        assert SECRET not in repr(target)
    assert refusal.reply is not None
    for text in (refusal.text, refusal.reply.text):
        assert SECRET not in text
        assert encoded not in text


async def test_no_credentials_in_any_dialogue() -> None:
    async with Relay(SIGNED_IN) as relay:
        target = relay.target(user="me@example.com", password=SECRET)
        outcomes, end = await sent(target, some_mails(2))
    told = repr(outcomes.by_key) + repr(end)
    assert SECRET not in told
    assert "auth" not in told


async def test_a_relay_that_offers_no_sign_in_needs_a_person() -> None:
    async with Relay() as relay:
        refusal = await refusal_of(relay.target(user="me@example.com", password=SECRET))
    assert refusal.needs_person
    assert refusal.phase is Phase.AUTH


async def test_without_a_user_the_relay_that_wants_one_burns_nobody() -> None:
    async with Relay(SIGNED_IN) as relay:
        outcomes, _ = await sent(relay.target(), some_mails(5))
    assert outcomes.verdicts == [Verdict.DEFERRED]
    assert outcomes[1].about_account


async def test_a_cancelled_opening_leaves_no_connection() -> None:
    async with Relay(Script(rules=(Rule(Phase.EHLO, Act.SILENCE, delay=0),))) as relay:
        opening = asyncio.create_task(open_session(relay.target(), Timeouts()))
        while not relay.open_connections:  # noqa: ASYNC110 (the relay tells no banner)
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await relay.until("closed")
