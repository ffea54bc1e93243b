"""References carried by Celery: what is rung is the call of a task.

For those who run Celery already. JSON only, no results, no pickles; a task is
acked once its batch is claimed. Over RabbitMQ or Redis.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from celery import Celery
from kombu import Connection, Exchange, Queue

from postroad.engine.doorbell.inbox import Inbox
from postroad.engine.doorbell.port import STAGES, Heard, NotRung, Reference
from postroad.engine.doorbell.reference import write_reference

T = TypeVar("T")
PREFIX: Final = "celery+"
_PATIENCE_SECONDS: Final = 10.0
_EXCHANGE: Final = Exchange("postroad.celery", type="direct", durable=True)


def queue_of(name: str) -> Queue:
    """Each has a routing key of its own: without, Celery sends every call to all of them."""
    whole = f"postroad.celery.{name}"
    return Queue(whole, _EXCHANGE, routing_key=whole, durable=True)


def stage_queue(stage: str, *, urgent: bool) -> Queue:
    return queue_of(f"{stage}.urgent" if urgent else stage)


ASIDE: Final = queue_of("aside")


class OurCelery(Celery):
    """Its command line reads BROKER_URL too, and knows nothing of our prefix."""

    def connection_for_read(self, url: str | None = None, **more: Any) -> Connection:
        return super().connection_for_read(self._plain(url or self.conf.broker_read_url), **more)

    def connection_for_write(self, url: str | None = None, **more: Any) -> Connection:
        return super().connection_for_write(self._plain(url or self.conf.broker_write_url), **more)

    @staticmethod
    def _plain(url: str) -> str:
        return read_url(url)[0]


def read_url(broker_url: str) -> tuple[str, dict[str, object] | None]:
    """The address as Celery knows it, and how TLS is spoken there: verified, or not at all.

    `?cafile=` names an authority, as with RabbitMQ alone. Left to themselves, the
    library for amqps looks at no host name, and that for rediss at no certificate.
    """
    parts = urlsplit(broker_url.removeprefix(PREFIX))
    query = dict(parse_qsl(parts.query))
    authority = query.pop("cafile", None)
    url = parts._replace(query=urlencode(query)).geturl()
    match parts.scheme:
        case "amqps":
            named: dict[str, object] = {"server_hostname": parts.hostname}
            return url, named | {"cert_reqs": ssl.CERT_REQUIRED, "ca_certs": authority}
        case "rediss":
            checked: dict[str, object] = {"ssl_check_hostname": True}
            return url, checked | {"ssl_cert_reqs": "required", "ssl_ca_certs": authority}
        case _:
            return url, None


def make_app(broker_url: str) -> Celery:
    url, tls = read_url(broker_url)
    app = OurCelery("postroad", broker=url, set_as_current=False)
    waits = {"socket_timeout": _PATIENCE_SECONDS, "socket_connect_timeout": _PATIENCE_SECONDS}
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_PATIENCE_SECONDS,
        broker_use_ssl=tls or False,
        broker_transport_options={"confirm_publish": True} if url.startswith("amqp") else waits,
        task_acks_late=True,
        task_create_missing_queues=False,
        task_default_queue=stage_queue("dispatch", urgent=False).name,
        task_ignore_result=True,
        task_queues=[
            stage_queue(stage, urgent=urgent) for urgent in (True, False) for stage in STAGES
        ],
        task_reject_on_worker_lost=True,
        task_serializer="json",
        worker_prefetch_multiplier=1,
    )
    return app


class CeleryDoorbell:
    """Rings by Celery; hears what the tasks of this process put in, elsewhere nothing."""

    def __init__(self, app: Celery) -> None:
        self.inbox = Inbox()
        self._app = app
        self._speaking = threading.Lock()
        self._line: Connection | None = None

    async def run(self, heard: Callable[[str], None], stages: Sequence[str]) -> None:
        self.inbox.tell_to(heard)
        for stage in stages:
            heard(stage)
        await asyncio.Event().wait()

    def take(self, stage: str, *, only_urgent: bool = False) -> Heard | None:
        return self.inbox.take(stage, only_urgent=only_urgent)

    async def ring(self, references: Sequence[Reference], *, urgent: bool = False) -> None:
        def send(line: Connection) -> None:
            for each in references:
                queue = stage_queue(each.stage, urgent=urgent)
                self._app.send_task(
                    f"postroad.{each.stage}",
                    args=[json.loads(write_reference(each))],
                    connection=line,
                    exchange=_EXCHANGE.name,
                    routing_key=queue.routing_key,
                    declare=[queue],
                    retry=False,
                )

        await self._speak(send)

    async def depth(self, stage: str, *, urgent: bool = False) -> int:
        def count(line: Connection) -> int:
            channel: Any = line.default_channel
            queue = stage_queue(stage, urgent=urgent)
            queue(channel).declare()
            return int(channel.queue_declare(queue.name, durable=True, auto_delete=False)[1])

        return await self._speak(count)

    async def purge(self) -> None:
        def drop(line: Connection) -> None:
            for stage in STAGES:
                for urgent in (True, False):
                    declared = stage_queue(stage, urgent=urgent)(line.default_channel)
                    declared.declare()
                    declared.purge()

        await self._speak(drop)

    async def put_aside(self, body: bytes, why: dict[str, str]) -> None:
        def keep(line: Connection) -> None:
            line.Producer(serializer="raw").publish(
                body,
                exchange=_EXCHANGE,
                routing_key=ASIDE.routing_key,
                declare=[ASIDE],
                content_type="application/octet-stream",
                content_encoding="binary",
                headers=why,
                retry=False,
            )

        await self._speak(keep)

    async def close(self) -> None:
        self.inbox.clear()
        await asyncio.to_thread(self._hang_up)

    async def _speak(self, work: Callable[[Connection], T]) -> T:
        """The library blocks, so in a thread; its connection is one thread's at a time."""
        try:
            async with asyncio.timeout(2 * _PATIENCE_SECONDS):
                return await asyncio.to_thread(self._with_line, work)
        except Exception as error:
            raise NotRung(f"Celery's broker did not take it: {type(error).__name__}") from error

    def _with_line(self, work: Callable[[Connection], T]) -> T:
        with self._speaking:
            line = self._line = self._line or self._app.connection_for_write()
            try:
                # Two calls; otherwise the library goes on calling for twelve seconds (measured).
                line.connect()
                return work(line)
            except Exception:
                self._line = None
                line.release()
                raise

    def _hang_up(self) -> None:
        with self._speaking:
            line, self._line = self._line, None
            if line is not None:
                line.release()
