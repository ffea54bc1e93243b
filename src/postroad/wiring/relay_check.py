"""Tries a relay: connects, starts TLS, signs in, says QUIT. No mail goes out.

Part of the composition root: it joins the relay's settings with the engine.
"""

import asyncio
from collections.abc import Iterator
from typing import Final

from postroad.core.mail import RelayTarget
from postroad.core.relay_check import RelayAnswers, RelayFault
from postroad.engine.smtp.features import Features
from postroad.engine.smtp.opening import open_session
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.source import FixedSource
from postroad.engine.smtp.timeouts import Timeouts

PATIENCE_SECONDS: Final = 10.0
"""For each step; a relay that is slower is told as one that does not answer."""

WHOLE_SECONDS: Final = 25.0


def check_relay(target: RelayTarget, timeouts: Timeouts | None = None) -> RelayAnswers | RelayFault:
    return asyncio.run(_check(target, timeouts or Timeouts.all_of(PATIENCE_SECONDS)))


async def _check(target: RelayTarget, timeouts: Timeouts) -> RelayAnswers | RelayFault:
    try:
        async with asyncio.timeout(WHOLE_SECONDS):
            return await _dialogue(target, timeouts)
    except TimeoutError:
        text = (
            f"The relay was not ready for mail within {WHOLE_SECONDS:g} s: check its host, port "
            "and TLS setting, and try again."
        )
        return RelayFault("connect", text, is_temporary=True)


async def _dialogue(target: RelayTarget, timeouts: Timeouts) -> RelayAnswers | RelayFault:
    session = await open_session(target, timeouts)
    if isinstance(session, RelayRefusal):
        return RelayFault(session.phase.value, session.text, is_temporary=session.temporary)
    answers = RelayAnswers(
        session.tls_description, tuple(_extensions(session.features)), bool(target.user)
    )
    # Nothing is in the source, so all that is said is QUIT.
    await session.run(FixedSource(()), lambda _mail, _outcome: None)
    return answers


def _extensions(features: Features) -> Iterator[str]:
    """What the relay announced and the product makes use of."""
    if features.pipelining:
        yield "PIPELINING"
    if features.eight_bit:
        yield "8BITMIME"
    if features.smtputf8:
        yield "SMTPUTF8"
    if features.chunking:
        yield "CHUNKING"
    if features.size:
        yield f"SIZE {features.size:,}"
