"""Whether a relay lets us in: greeting, TLS and sign-in, and not one mail."""

import asyncio

from postroad.core.mail import RelayTarget
from postroad.engine.smtp.opening import open_session
from postroad.engine.smtp.refusal import RelayRefusal
from postroad.engine.smtp.source import FixedSource
from postroad.engine.smtp.timeouts import Timeouts

PATIENCE_SECONDS = 15.0
"""For each step; a relay that is slower is told as one that does not answer."""


def relay_fault(target: RelayTarget) -> str:
    """Why no mail could be sent now, ending with what to do; '' when it could."""
    return asyncio.run(_try(target))


async def _try(target: RelayTarget) -> str:
    session = await open_session(target, Timeouts.all_of(PATIENCE_SECONDS))
    if isinstance(session, RelayRefusal):
        return session.text
    # Nothing is in the source, so all that is said is QUIT.
    await session.run(FixedSource(()), lambda _mail, _outcome: None)
    return ""
