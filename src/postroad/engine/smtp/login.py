"""Signing in (RFC 4954): PLAIN and LOGIN, only where nobody can listen."""

import base64
from dataclasses import replace

from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase, Reply
from postroad.engine.smtp.connection import Broken, Connection
from postroad.engine.smtp.features import Features
from postroad.engine.smtp.refusal import RelayRefusal, broken_off, refused
from postroad.engine.smtp.timeouts import Timeouts

_LONGEST_INITIAL = 500
"""Octets of a command line (RFC 4954, 4): a longer response goes on its own line."""


async def sign_in(
    connection: Connection, relay: RelayTarget, features: Features, timeouts: Timeouts
) -> RelayRefusal | None:
    """None when the relay said 235. The refusal never shows the credentials."""
    if "\0" in relay.user + relay.password:
        return _needs_person("The user name or password has a NUL character: enter them again.")
    if "PLAIN" in features.auth:
        answer = await _plain(connection, relay, timeouts)
    elif "LOGIN" in features.auth:
        answer = await _login(connection, relay, timeouts)
    else:
        return _needs_person(
            "The relay offers no sign-in that Postroad can use (PLAIN or LOGIN): "
            "check its port and TLS setting, or leave the user name empty."
        )
    if isinstance(answer, Broken):
        return broken_off(Phase.AUTH, answer)
    if answer.code == 235:
        return None
    if answer.code // 100 == 3:
        return _needs_person("The relay asked for more than user name and password: check it.")
    return refused(Phase.AUTH, _without_secrets(answer, relay))


async def _plain(connection: Connection, relay: RelayTarget, timeouts: Timeouts) -> Reply | Broken:
    response = _base64(f"\0{relay.user}\0{relay.password}")
    if len(response) < _LONGEST_INITIAL:
        return await _say(connection, b"AUTH PLAIN " + response, timeouts)
    return await _say_all(connection, (b"AUTH PLAIN", response), timeouts)


async def _login(connection: Connection, relay: RelayTarget, timeouts: Timeouts) -> Reply | Broken:
    lines = (b"AUTH LOGIN", _base64(relay.user), _base64(relay.password))
    return await _say_all(connection, lines, timeouts)


async def _say_all(
    connection: Connection, lines: tuple[bytes, ...], timeouts: Timeouts
) -> Reply | Broken:
    """Each next line only after a 334."""
    *questions, last = lines
    for line in questions:
        answer = await _say(connection, line, timeouts)
        if isinstance(answer, Broken) or answer.code != 334:
            return answer
    return await _say(connection, last, timeouts)


async def _say(connection: Connection, line: bytes, timeouts: Timeouts) -> Reply | Broken:
    connection.write(line + b"\r\n")
    return await connection.reply(timeouts.auth)


def _base64(text: str) -> bytes:
    return base64.b64encode(text.encode())


def _needs_person(text: str) -> RelayRefusal:
    return RelayRefusal(Phase.AUTH, None, text, temporary=False, needs_person=True)


def _without_secrets(reply: Reply, relay: RelayTarget) -> Reply:
    """Some servers repeat what they were sent; the journal must not."""
    text = reply.text
    for secret in (
        _base64(f"\0{relay.user}\0{relay.password}").decode(),
        _base64(relay.password).decode(),
        relay.password,
    ):
        if secret:
            text = text.replace(secret, "…")
    return replace(reply, text=text)
