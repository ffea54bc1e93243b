"""`celery -A postroad.engine.doorbell.celery worker`: the product's workers under Celery.

Each process of Celery hosts one worker in a thread of its own. A task puts its
reference into that worker's inbox and returns once the claim is committed or the
reference was stale; while the worker has no room it waits, and so does Celery.
"""

import asyncio
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, Final

import structlog
from celery import Task
from celery.exceptions import Reject
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutdown

from postroad.engine.doorbell.celery_queues import CeleryDoorbell, make_app, stage_queue
from postroad.engine.doorbell.port import Heard, NotRung
from postroad.engine.doorbell.reference import headers_of, read_reference
from postroad.engine.worker import Worker, WorkerPlan

_log = structlog.get_logger()
GROUP: Final = "postroad.worker"
DEFAULT: Final = "postroad.cli.hosted:plan"
"""Who composes a worker, where no entry point of the group says so."""
_GRACE_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 2.0


class Host:
    """One worker in a thread, from the first need of it until the process ends."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_up = threading.Event()
        self._is_ending = threading.Event()
        self._waiting: set[Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop
        self._worker: Worker
        self._bell: CeleryDoorbell

    def start(self, **_of_signal: object) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="postroad", daemon=True)
                self._thread.start()

    def end(self, **_of_signal: object) -> None:
        """Drains, as after SIGTERM."""
        self._is_ending.set()
        if self._thread is not None:
            if self._is_up.is_set():
                self._loop.call_soon_threadsafe(self._worker.drain)
            self._thread.join(_GRACE_SECONDS)

    def hear(self, stage: str, body: bytes, *, urgent: bool) -> None:
        """Returns once the worker has claimed what the reference names, or knows it as stale."""
        self.start()
        answered: Future[None] = Future()
        self._waiting.add(answered)
        self._is_up.wait()
        self._loop.call_soon_threadsafe(self._put, stage, body, answered, urgent)
        answered.result()

    def _put(self, stage: str, body: bytes, answered: "Future[None]", urgent: bool) -> None:  # noqa: FBT001 - called by the loop.
        async def ack() -> None:
            self._waiting.discard(answered)
            if not answered.done():
                answered.set_result(None)

        reference = read_reference(body, stage)
        why = headers_of(reference, stage_queue(stage, urgent=urgent).name)

        async def put_aside() -> None:
            try:
                await self._bell.put_aside(body, why)
            except NotRung:
                self._loop.call_later(_AGAIN_SECONDS, self._return, answered)
                raise

        heard = Heard(reference, ack, put_aside)
        self._bell.inbox.put(stage, heard, urgent=urgent)

    def _return(self, answered: "Future[None]") -> None:
        """Its task keeps no process of Celery waiting: it goes back to its queue."""
        self._waiting.discard(answered)
        if not answered.done():
            answered.set_exception(Reject("It could not be put aside.", requeue=True))

    def _work(self) -> None:
        try:
            asyncio.run(self._run())
        finally:
            for answered in list(self._waiting):
                if not answered.done():
                    answered.set_exception(Reject("The worker ends.", requeue=True))
            if not self._is_ending.is_set():
                os._exit(1)  # Celery starts another process in place of this one.

    async def _run(self) -> None:
        plan = await self._composed()
        self._loop = asyncio.get_running_loop()
        self._bell = CeleryDoorbell(app)
        self._worker = Worker(replace(plan, carrier=self._bell))
        self._is_up.set()
        if self._is_ending.is_set():
            self._worker.drain()
        await self._worker.run()

    async def _composed(self) -> WorkerPlan:
        """Again until the database is there."""
        while True:
            try:
                return await asyncio.to_thread(_composer())
            except Exception as fault:
                if self._is_ending.is_set():
                    raise
                _log.warning("no_worker_yet", cause=str(fault))
                await asyncio.sleep(_AGAIN_SECONDS)


def _composer() -> Callable[[], WorkerPlan]:
    for point in entry_points(group=GROUP):
        loaded: Callable[[], WorkerPlan] = point.load()
        return loaded
    module, _, name = DEFAULT.partition(":")
    found: Callable[[], WorkerPlan] = getattr(import_module(module), name)
    return found


host = Host()
app = make_app(os.environ.get("BROKER_URL", ""))
worker_process_init.connect(host.start, weak=False)
worker_process_shutdown.connect(host.end, weak=False)
worker_shutdown.connect(host.end, weak=False)


@app.task(name="postroad.prepare", bind=True)
def prepare(task: Task[Any, Any], /, *arguments: object, **named: object) -> None:
    _hear("prepare", task, arguments, named)


@app.task(name="postroad.dispatch", bind=True)
def dispatch(task: Task[Any, Any], /, *arguments: object, **named: object) -> None:
    _hear("dispatch", task, arguments, named)


def _hear(stage: str, task: object, arguments: tuple[object, ...], named: object) -> None:
    whole = arguments[0] if len(arguments) == 1 and not named else [arguments, named]
    info = getattr(getattr(task, "request", None), "delivery_info", None) or {}
    urgent = str(info.get("routing_key", "")).endswith(".urgent")
    host.hear(stage, json.dumps(whole).encode(), urgent=urgent)
