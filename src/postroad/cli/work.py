"""`postroad work`: one worker process."""

import asyncio
import logging
import sys

import structlog
import uvloop

from postroad.cli.starting import find_database
from postroad.engine.worker import Worker
from postroad.settings import Settings
from postroad.working import worker_plan

STAGES = ("select", "prepare", "dispatch")


def work(settings: Settings, stages: tuple[str, ...]) -> None:
    """Until SIGTERM or SIGINT, which drain it."""
    set_up_log(settings)
    plan = worker_plan(settings, find_database(settings), stages)

    async def run() -> None:
        await Worker(plan).run()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())


def set_up_log(settings: Settings) -> None:
    """Lines for people, or JSON.

    Control characters in values are escaped: a reply or an address can forge no line.
    """
    renderer: structlog.types.Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_json
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
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
