"""A worker as a process of its own, for what a test's own loop would hide.

async with a_worker_process(dsn, {1: relay.port}, connections=10):
    ...
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from postroad.core.ids import RelayId, RevisionId
from postroad.core.mail import RelayTarget
from postroad.engine.doorbell.postgres import PostgresDoorbell
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.engine.smtp.timeouts import Timeouts
from postroad.engine.worker import Worker, WorkerPlan

from .rig import PlainPreparer

PATIENCE_SECONDS = 60.0
_FOLDERS = (str(Path(__file__).parents[__name__.count(".")]),)


@asynccontextmanager
async def a_worker_process(
    dsn: str,
    relay_ports: Mapping[int, int],
    *,
    connections: int = 4,
    timeout_seconds: float = 5,
    broker_url: str = "",
) -> AsyncIterator[Process]:
    """Drained when left. Each relay, by its number, listens on the loopback."""
    told = json.dumps([dsn, relay_ports, connections, timeout_seconds, broker_url])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__, told),
        env={**os.environ, "PYTHONPATH": os.pathsep.join((*_FOLDERS, *filter(None, sys.path)))},
    )
    try:
        yield process
    finally:
        process.terminate()
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert await process.wait() == 0


async def main(told: str) -> None:
    dsn, ports, connections, timeout_seconds, broker_url = json.loads(told)

    def load_relay(relay: RelayId) -> RelayTarget:
        port = ports[str(relay)]
        return RelayTarget(relay, "127.0.0.1", port, "none", connections=connections)

    def load_revision(_revision: RevisionId) -> PlainPreparer:
        return PlainPreparer()

    plan = WorkerPlan(
        dsn, "test", load_revision, load_relay, PostgresDoorbell(dsn),
        timeouts=Timeouts.all_of(timeout_seconds),
        heartbeat_seconds=0.3, lease_seconds=3, guard_seconds=2,
        carrier=RabbitDoorbell(broker_url) if broker_url else None,
    )  # fmt: skip
    await Worker(plan).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
