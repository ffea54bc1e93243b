"""`postroad work`: one worker process."""

import asyncio
import logging
import os
import sys
from typing import NoReturn

import structlog
import uvloop

from postroad.cli.joining import ToldToStop, join_as_worker
from postroad.cli.starting import ATTENTION, find_database
from postroad.engine.worker import Worker
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
    sys.stderr.flush()
    os._exit(ATTENTION)


def set_up_log(settings: Settings) -> None:
    """Lines for people, or JSON.

    Control characters in values are escaped: a reply or an address can forge no line.
    """
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    # Each fault of a broker's connection is told once, by whoever keeps it.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    logging.getLogger("aio_pika").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )
