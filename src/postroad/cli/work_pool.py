"""The workers of one host: how they are started, and `postroad work --min … --max …`."""

import os
import sys
from collections.abc import Mapping, Sequence

from postroad.cli import supervise_state
from postroad.cli.joining import ToldToStop, join_as_worker
from postroad.cli.pool import PoolPlan, kept_between
from postroad.cli.starting import Refusal, child_environment, find_database, prepare_home
from postroad.cli.supervise import ChildSpec, Supervisor
from postroad.settings import Settings

__all__ = ["GRACE_BEYOND_SECONDS", "kept_between", "work_between", "worker_pool"]

GRACE_BEYOND_SECONDS = 5.0
"""A worker's own grace time ends first, and says what it left."""


def worker_pool(
    settings: Settings, dsn: str, *, least: int, most: int, stages: Sequence[str] = ()
) -> PoolPlan:
    """`most` 0: as many as there are processors for us. No stages: all."""
    environment = child_environment(settings, dsn)
    chosen = ["--stages", ",".join(stages)] if stages else []
    command = [sys.executable, "-m", "postroad", "work", *chosen]
    return PoolPlan(
        spec=lambda number: _child(f"worker-{number}", command, environment),
        least=least,
        most=max(least, most or len(os.sched_getaffinity(0))),
        quiet_seconds=settings.quiet_seconds,
        look_seconds=settings.sweep_seconds,
    )


def _child(slot: str, command: Sequence[str], environment: Mapping[str, str]) -> ChildSpec:
    """It knows its own slot, and waits by itself while that rests."""
    return ChildSpec(slot, command, {**environment, "POSTROAD_SLOT": slot})


def work_between(settings: Settings, stages: Sequence[str], least: int, most: int) -> int:
    """So many workers as there is work for, until SIGTERM or SIGINT; the exit code."""
    dsn = find_database(settings)
    try:
        join_as_worker(settings, dsn)
    except ToldToStop:
        return 0
    prepare_home(settings)
    pool = worker_pool(settings, dsn, least=least, most=most, stages=stages)
    try:
        with supervise_state.only_one(settings.home) as other:
            if other is not None:
                raise Refusal(
                    f"Something (pid {other.pid}) keeps workers in {settings.home} already. "
                    "Stop it with `postroad down`, or set POSTROAD_HOME to another place."
                )
            grace = settings.grace_seconds + GRACE_BEYOND_SECONDS
            supervisor = Supervisor(pool.first(), settings.home, grace_seconds=grace)
            with kept_between(pool, supervisor, dsn, stages):
                supervisor.run()
    except TimeoutError as error:
        raise Refusal(str(error)) from None
    return 0
