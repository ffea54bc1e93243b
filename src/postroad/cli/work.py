"""`postroad work`: one worker process."""

import asyncio
import contextlib
import os
import sys
from typing import NoReturn

import structlog
import uvloop

from postroad.cli.joining import ToldToStop, join_as_worker
from postroad.cli.starting import ATTENTION, find_database
from postroad.engine.worker import Worker
from postroad.logs import set_up_log
from postroad.settings import Settings
from postroad.working import worker_plan

STAGES = ("select", "prepare", "dispatch")


def work(settings: Settings, stages: tuple[str, ...]) -> int:
    """Until SIGTERM or SIGINT, which drain it; the exit code.

    Begun mails that are not answered within the grace time, or when it is told
    a second time, are left as after kill -9: the code says so.
    """
    set_up_log(settings)
    dsn = find_database(settings)
    try:
        join_as_worker(settings, dsn)
    except ToldToStop:
        return 0
    plan = worker_plan(settings, dsn, stages)

    async def run() -> None:
        worker = Worker(plan)
        working = asyncio.ensure_future(worker.run())
        impatient = asyncio.ensure_future(worker.patience_ended(settings.grace_seconds))
        await asyncio.wait((working, impatient), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            _end_at_once()
        impatient.cancel()
        await working

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    return 0


def _end_at_once() -> NoReturn:
    structlog.get_logger().warning(
        "cut_short", cause="mails were begun and not answered; a person settles them as unknown"
    )
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    os._exit(ATTENTION)
