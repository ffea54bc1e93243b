"""From a relay's address to a session that may carry mail."""

import asyncio
import ipaddress
import socket
import ssl

from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase, Reply
from postroad.engine.smtp.chunked import ChunkedSession
from postroad.engine.smtp.connection import Broken, Connection
from postroad.engine.smtp.features import Features, features_of
from postroad.engine.smtp.login import sign_in
from postroad.engine.smtp.refusal import RelayRefusal, broken_off, refused
from postroad.engine.smtp.replies import harmless
from postroad.engine.smtp.session import Session
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.smtp.tls import certificate_advice, tls_context, tls_description


async def open_session(relay: RelayTarget, timeouts: Timeouts) -> Session | RelayRefusal:
    """Connect, greet, start TLS, sign in. On a refusal nothing stays open.

    With `tls` other than 'none' nothing but EHLO and STARTTLS ever goes out
    in clear; a relay that stops offering TLS is refused (RFC 3207, RFC 8314).
    """
    context = _context(relay)
    if isinstance(context, RelayRefusal):
        return context
    connection = Connection(asyncio.get_running_loop())
    try:
        opened = await _open(connection, relay, timeouts, context)
    except BaseException:
        connection.abort()
        raise
    if isinstance(opened, RelayRefusal):
        connection.abort()
        return opened
    may_chunk = relay.chunking and opened.chunking and opened.pipelining
    made = ChunkedSession if may_chunk else Session
    return made(connection, opened, timeouts, tls_description=_tls_of(connection))


async def _open(
    connection: Connection, relay: RelayTarget, timeouts: Timeouts, context: ssl.SSLContext | None
) -> Features | RelayRefusal:
    """The steps in order; the first refusal ends them."""
    refusal = await _connect(connection, relay, timeouts, context)
    if refusal is None:
        refusal = await _banner(connection, timeouts)
    if refusal is not None:
        return refusal
    features = await _ehlo(connection, relay, timeouts)
    if relay.tls == "starttls" and context is not None and isinstance(features, Features):
        refusal = await _starttls(connection, relay, features, timeouts, context)
        features = refusal or await _ehlo(connection, relay, timeouts)
    if isinstance(features, RelayRefusal) or not relay.user:
        return features
    refusal = _unless_private(connection, relay)
    return refusal or await sign_in(connection, relay, features, timeouts) or features


def _context(relay: RelayTarget) -> ssl.SSLContext | RelayRefusal | None:
    if relay.tls == "none":
        return None
    try:
        return tls_context(relay)
    except OSError as error:
        reason = harmless(str(error))
        text = f"The authority's PEM file {relay.ca_file!r} can't be used ({reason}): correct it."
        return _needs_person(Phase.STARTTLS, text)


async def _connect(
    connection: Connection, relay: RelayTarget, timeouts: Timeouts, context: ssl.SSLContext | None
) -> RelayRefusal | None:
    loop = asyncio.get_running_loop()
    implicit = context if relay.tls == "implicit" else None
    try:
        async with asyncio.timeout(timeouts.connect):
            await loop.create_connection(
                lambda: connection,
                relay.host,
                relay.port,
                ssl=implicit,
                server_hostname=relay.host if implicit else None,
            )
    except TimeoutError:
        reason = f"no connection within {timeouts.connect:g} s"
    except ssl.SSLError as error:
        return _tls_failed(error, relay)
    except socket.gaierror as error:
        reason = f"its name is not found ({error.strerror})"
    except (OSError, UnicodeError) as error:
        reason = harmless(getattr(error, "strerror", None) or str(error))
    else:
        return None
    text = (
        f"The relay {relay.host}:{relay.port} can't be reached, {reason}: check that it runs, "
        "and the host and port in its settings."
    )
    return RelayRefusal(Phase.CONNECT, None, text, temporary=True, needs_person=False)


async def _banner(connection: Connection, timeouts: Timeouts) -> RelayRefusal | None:
    answer = await connection.reply(timeouts.banner)
    if isinstance(answer, Broken):
        return broken_off(Phase.BANNER, answer)
    return None if answer.code == 220 else refused(Phase.BANNER, answer)


async def _ehlo(
    connection: Connection, relay: RelayTarget, timeouts: Timeouts
) -> Features | RelayRefusal:
    """HELO where EHLO is not known: then nothing is announced."""
    name = relay.helo.encode("ascii", "replace")
    answer = await _say(connection, b"EHLO " + name, timeouts.ehlo)
    if isinstance(answer, Reply) and answer.code in _NOT_KNOWN:
        answer = await _say(connection, b"HELO " + name, timeouts.ehlo)
        if isinstance(answer, Reply) and answer.code == _GREETED:
            return Features()
    if isinstance(answer, Broken):
        return broken_off(Phase.EHLO, answer)
    if answer.code != _GREETED:
        return refused(Phase.EHLO, answer)
    return features_of(connection.lines)


_NOT_KNOWN = (500, 502, 504)
_GREETED = 250


async def _say(connection: Connection, line: bytes, seconds: float) -> Reply | Broken:
    connection.write(line + b"\r\n")
    return await connection.reply(seconds)


async def _starttls(
    connection: Connection,
    relay: RelayTarget,
    features: Features,
    timeouts: Timeouts,
    context: ssl.SSLContext,
) -> RelayRefusal | None:
    if not features.starttls:
        text = (
            "The relay does not offer STARTTLS, so nothing was sent: check its port and TLS "
            "setting; if it offered it before, somebody may be listening."
        )
        return _needs_person(Phase.STARTTLS, text)
    answer = await _say(connection, b"STARTTLS", timeouts.starttls)
    if isinstance(answer, Broken):
        return broken_off(Phase.STARTTLS, answer)
    if answer.code != 220:
        return refused(Phase.STARTTLS, answer)
    if not connection.is_quiet:
        text = "Something was said in clear behind STARTTLS: ask the relay's owner."
        return _needs_person(Phase.STARTTLS, text)
    return await _handshake(connection, relay, timeouts, context)


async def _handshake(
    connection: Connection, relay: RelayTarget, timeouts: Timeouts, context: ssl.SSLContext
) -> RelayRefusal | None:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeouts.starttls):
            transport = await loop.start_tls(
                connection.transport, connection, context, server_hostname=relay.host
            )
    except TimeoutError:
        return _no_tls(f"nothing came for {timeouts.starttls:g} s")
    except ssl.SSLError as error:
        return _tls_failed(error, relay)
    except OSError as error:
        return _no_tls(harmless(str(error)))
    if transport is None:
        return _no_tls("the connection was lost")
    connection.upgraded(transport)
    return None


def _tls_failed(error: ssl.SSLError, relay: RelayTarget) -> RelayRefusal:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _needs_person(Phase.STARTTLS, certificate_advice(error, relay))
    reason = harmless(error.reason or str(error))
    text = (
        f"TLS with the relay failed ({reason}), nothing was sent: check its port, and whether "
        "it wants STARTTLS or TLS from the start."
    )
    return _needs_person(Phase.STARTTLS, text)


def _no_tls(reason: str) -> RelayRefusal:
    text = f"TLS with the relay did not come about, {reason}: Postroad tries again later."
    return RelayRefusal(Phase.STARTTLS, None, text, temporary=True, needs_person=False)


def _unless_private(connection: Connection, relay: RelayTarget) -> RelayRefusal | None:
    """A password goes over TLS, or stays on this machine."""
    if relay.tls != "none" or _is_loopback(connection):
        return None
    text = "The password would go out in clear: choose STARTTLS or TLS in the relay's settings."
    return _needs_person(Phase.AUTH, text)


def _is_loopback(connection: Connection) -> bool:
    peer = connection.transport.get_extra_info("peername")
    try:
        return ipaddress.ip_address(peer[0]).is_loopback
    except (TypeError, ValueError, IndexError):
        return False


def _needs_person(phase: Phase, text: str) -> RelayRefusal:
    return RelayRefusal(phase, None, text, temporary=False, needs_person=True)


def _tls_of(connection: Connection) -> str:
    return tls_description(connection.transport.get_extra_info("ssl_object"))
