"""A mail that comes while a dot waits for its reply: its envelope goes out meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from time import monotonic

import pytest

from postroad.core.ids import RelayId
from postroad.core.mail import Mail, RelayTarget
from postroad.core.outcome import Verdict
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.session import Session
from postroad.engine.smtp.shares import Lane
from postroad.testing.relay import Relay
from tests.smtp.mails import PATIENT, Outcomes, a_mail, some_mails
from tests.smtp.test_pool import a_pool

A = Verdict.ACCEPTED
ANSWERS = {b"EHLO": b"250-hi\r\n250 PIPELINING", b"DATA": b"354 go", b"QUIT": b"221 bye"}
FOREVER = 3600.0
HOLDS = 2
"""The mail whose dot is answered only once the next envelope is there."""


class Stubborn:
    """A relay that shows by its answer that an envelope came before it."""

    def __init__(self) -> None:
        self.accepted = 0
        self.serving: set[asyncio.Task[object] | None] = set()
        self.is_answered = asyncio.Event()
        """Set by a test: the dot is answered all the same."""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            writer.write(b"220 hello\r\n")
            await self._serve(reader, writer)
        finally:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while command := (await reader.readline()).strip():
            writer.write(ANSWERS.get(command[:4].upper(), b"250 ok") + b"\r\n")
            if command == b"DATA":
                with contextlib.suppress(asyncio.IncompleteReadError):
                    await reader.readuntil(b"\r\n.\r\n")
                    await self._answer_dot(reader, writer)

    async def ended(self) -> None:
        self.is_answered.set()
        await asyncio.gather(*filter(None, self.serving), return_exceptions=True)

    async def _answer_dot(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        if self.accepted == HOLDS:
            more = asyncio.ensure_future(_has_more(reader))
            told = asyncio.ensure_future(self.is_answered.wait())
            await asyncio.wait((more, told), return_when=asyncio.FIRST_COMPLETED)
            more.cancel()
            told.cancel()
        writer.write(b"250 taken\r\n")


async def _has_more(reader: asyncio.StreamReader) -> None:
    """Until octets have come that nobody has read."""
    while not reader._buffer:  # type: ignore[attr-defined]  # noqa: ASYNC110 - it tells nobody.
        await asyncio.sleep(0.001)


class Scene:
    """One connection, whose second mail is at its dot when `then` happens."""

    def __init__(self, relay: Stubborn, target: RelayTarget) -> None:
        self.relay = relay
        self.outcomes = Outcomes()
        self.then: Callable[[], object] = lambda: None
        self.sessions: list[Session] = []
        self.pool = Pool(
            target, PATIENT, self.outcomes,
            opened=self.sessions.append,
            about_to_dot=self._about_to_dot,
        )  # fmt: skip
        self.did: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    @property
    def follows(self) -> bool:
        """Whether an envelope went out behind the dot."""
        return self.sessions[0]._follower is not None

    async def play(self, then: Callable[[], object]) -> bool:
        """Whether an envelope follows the dot right after."""
        self.then = then
        for key in (1, HOLDS):
            self.pool.offer([a_mail(key)])
            if key == 1:
                await self.pool.drain()
        return await self.did

    def _about_to_dot(self, mail: Mail) -> bool:
        if mail.key == HOLDS:
            asyncio.get_running_loop().call_soon(self._act)
        return True

    def _act(self) -> None:
        self.then()
        self.did.set_result(self.follows)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    relay = Stubborn()
    server = await asyncio.start_server(relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = replace(RelayTarget(RelayId(1), "127.0.0.1", port, "none"), connections=1)
    made = Scene(relay, target)
    yield made
    await made.pool.close()
    await relay.ended()
    server.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, the relay counts as quick."""
    monkeypatch.setattr("postroad.engine.smtp.session.SLOW_DOT_SECONDS", FOREVER)


@pytest.mark.usefixtures("quick")
async def test_an_envelope_goes_out_while_the_dot_before_waits_for_its_reply(scene: Scene) -> None:
    """The relay answers that dot only because of it."""
    assert await scene.play(lambda: scene.pool.offer([a_mail(3), a_mail(4)]))
    await asyncio.wait_for(scene.pool.drain(), 20)
    assert scene.outcomes.verdicts == [A, A, A, A]


@pytest.mark.usefixtures("quick")
async def test_what_followed_late_can_be_taken_back(scene: Scene) -> None:
    back: list[Mail] = []
    followed: list[bool] = []

    def offer_and_withdraw() -> None:
        scene.pool.offer([a_mail(3)])
        followed.append(scene.follows)
        back.extend(scene.pool.withdraw())

    assert not await scene.play(offer_and_withdraw)
    await asyncio.wait_for(scene.pool.drain(), 20)
    assert followed == [True]
    assert [mail.key for mail in back] == [3]
    assert scene.outcomes.verdicts == [A, A]
    assert scene.relay.accepted == 2


@pytest.mark.usefixtures("quick")
async def test_none_follows_late_that_waits_for_the_moment_of_a_token(scene: Scene) -> None:
    """The relay would see its envelope who knows how long after that moment."""
    lane = Lane("other")
    assert not await scene.play(
        lambda: scene.pool.offer_limited(1, [a_mail(3)], [monotonic()], FOREVER, lane)
    )
    scene.relay.is_answered.set()
    await asyncio.wait_for(scene.pool.drain(), 20)
    assert scene.outcomes.verdicts == [A, A, A]


@pytest.mark.usefixtures("quick")
async def test_none_follows_late_at_a_relay_that_is_slow_over_this_dot(scene: Scene) -> None:
    """It would begin the transaction long after it could be taken back."""

    def offer_late() -> None:
        scene.sessions[0]._dot_at -= FOREVER
        scene.pool.offer([a_mail(3)])

    assert not await scene.play(offer_late)
    scene.relay.is_answered.set()
    await asyncio.wait_for(scene.pool.drain(), 20)
    assert scene.outcomes.verdicts == [A, A, A]


async def test_a_mail_that_comes_just_when_a_session_has_found_nothing_is_begun_at_once() -> None:
    """And not when it would quit for want of mails."""
    target = {"connections": 1}
    async with (
        Relay() as relay,
        a_pool(relay.target(**target), idle_seconds=3600) as watched,
        asyncio.timeout(20),
    ):
        for key in range(1, 11):
            watched.pool.offer(some_mails(1, first=key))
            await watched.pool.drain()
        assert watched.outcomes.counts == {Verdict.ACCEPTED: 10}
