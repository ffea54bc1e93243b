"""`celery worker` runs the product: over RabbitMQ and over Redis, counted at the relay."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pika
import psutil
import psycopg
import pytest

from postroad.core.outcome import Phase
from postroad.engine.doorbell.celery_queues import ASIDE, CeleryDoorbell, make_app, stage_queue
from postroad.engine.doorbell.port import NotRung
from postroad.testing.database import TestServer
from postroad.testing.relay import Script
from tests.chaos.account import account_of
from tests.chaos.rig import Rig, a_rig

from .redis_server import a_redis

MAILS = 600
SCRIPT = Script(delays={Phase.DOT: 0.01})
CLOCKS = {"POSTROAD_SWEEP_SECONDS": "600", "POSTROAD_RING_AGAIN_SECONDS": "2"}
"""A worker that heard nothing would look only after the test's patience."""


@pytest.fixture(params=("amqp", "redis"))
def celery_url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "amqp":
        yield "celery+" + request.getfixturevalue("broker_url")
    else:
        with a_redis() as url:
            yield f"celery+{url}"


@contextmanager
def celery_worker(rig: Rig) -> Iterator["subprocess.Popen[bytes]"]:
    """Two processes of Celery, each with a worker of ours."""
    log = rig.home / "log"
    log.mkdir(exist_ok=True)
    with (log / "celery.log").open("wb") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "postroad.engine.doorbell.celery", "worker",
             "--concurrency", "2", "--without-gossip", "--without-mingle"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=rig.home,
            env={**os.environ, **rig.environment, "POSTROAD_HOME": str(rig.home),
                 "DATABASE_URL": rig.dsn, "C_FORCE_ROOT": "1",
                 "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        try:
            yield worker
        finally:
            if worker.poll() is None:
                worker.kill()
                worker.wait()


def test_a_run_goes_out_once_over_celery_and_its_workers_drain(
    tmp_path: Path, postgres_server: TestServer, celery_url: str
) -> None:
    more = CLOCKS | {"BROKER_URL": celery_url}
    with (
        a_rig(tmp_path, postgres_server.shelf, workers=0, more=more) as rig,
        celery_worker(rig) as worker,
    ):
        rig.until(lambda: workers_of(rig) == 2, "two workers hosted")
        run = rig.ready(MAILS)
        rig.launch(run)
        rig.until_state(run, "finished")
        account_of(rig, run).must_add_up()
        assert rig.counts(run) == {"accepted": MAILS}
        worker.terminate()
        assert worker.wait(60) == 0
        rig.until(lambda: workers_of(rig) == 0, "both have signed off")


def test_a_killed_process_wiped_queues_and_poison_change_nothing(
    tmp_path: Path, postgres_server: TestServer, celery_url: str
) -> None:
    more = CLOCKS | {"BROKER_URL": celery_url}
    with (
        a_rig(tmp_path, postgres_server.shelf, SCRIPT, workers=0, more=more) as rig,
        celery_worker(rig) as worker,
    ):
        rig.until(lambda: workers_of(rig) == 2, "two workers hosted")
        run = rig.ready(MAILS)
        rig.launch(run)
        rig.until_accepted(100)
        psutil.Process(worker.pid).children()[0].kill()
        rig.killed += 1
        asyncio.run(wipe_and_poison(celery_url))
        rig.until_state(run, "finished")
        account_of(rig, run).must_add_up()
        rig.until(lambda: put_aside(rig) == 1, "the poison is put aside")


@pytest.mark.parametrize("celery_url", ["amqp"], indirect=True)
def test_poison_that_is_refused_aside_comes_again(
    tmp_path: Path, postgres_server: TestServer, celery_url: str
) -> None:
    """As many as there are processes, each of which it would otherwise hold for ever."""
    more = CLOCKS | {"BROKER_URL": celery_url, "POSTROAD_LOG_JSON": "true"}
    with (
        a_rig(tmp_path, postgres_server.shelf, workers=0, more=more) as rig,
        celery_worker(rig),
        closing(
            pika.BlockingConnection(pika.URLParameters(celery_url.removeprefix("celery+")))
        ) as line,
    ):
        channel = line.channel()
        channel.queue_declare(ASIDE.name)  # Not durable, as ours is.
        rig.until(lambda: workers_of(rig) == 2, "two workers hosted")
        for _ in range(2):
            poison(celery_url)
        log = rig.home / "log" / "celery.log"
        rig.until(lambda: log.read_text().count("not_put_aside") >= 2, "both are refused")
        channel.queue_delete(ASIDE.name)
        rig.until(lambda: put_aside(rig) == 2, "both are put aside")


async def test_a_broker_that_is_away_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    for scheme in ("amqp", "redis"):
        bell = CeleryDoorbell(make_app(f"celery+{scheme}://127.0.0.1:{port}/"))
        with pytest.raises(NotRung):
            await bell.depth("dispatch")
        await bell.close()


async def wipe_and_poison(url: str) -> None:
    bell = CeleryDoorbell(make_app(url))
    await bell.purge()
    assert await bell.depth("dispatch") == 0
    await bell.close()
    poison(url)


def poison(url: str) -> None:
    app = make_app(url)
    queue = stage_queue("dispatch", urgent=False)
    with app.connection_for_write() as line:
        app.send_task(
            "postroad.dispatch", args=["no reference"], connection=line,
            exchange="postroad.celery", routing_key=queue.name, declare=[queue],
        )  # fmt: skip


def put_aside(rig: Rig) -> object:
    return rig.call("SELECT count(*) FROM journal WHERE kind = 'put_aside'")[0]


def workers_of(rig: Rig) -> int:
    with psycopg.connect(rig.dsn) as connection:
        row = connection.execute("SELECT count(*) FROM worker WHERE alive_until > now()").fetchone()
    assert row is not None
    return int(row[0])
