"""The first stage: a run's recipients, selected and frozen in one transaction."""

import structlog

from postroad.engine.protocol import Protocol

_log = structlog.get_logger()


async def select_one(protocol: Protocol) -> bool:
    """Select one waiting run, if there is one. Killed at any point, it is done again."""
    run = await protocol.claim_selecting()
    if run is None:
        return False
    count = await protocol.select_recipients(run)
    _log.info("selected", run=run.id, recipients=count)
    return True
