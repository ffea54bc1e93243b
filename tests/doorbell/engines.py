"""The engines that the conformance suite is run over."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pika

from postroad.engine.doorbell.celery_queues import CeleryDoorbell, make_app
from postroad.engine.doorbell.memory import MemoryDoorbell, MemoryQueues
from postroad.engine.doorbell.port import Carrier
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell, queue_name
from postroad.engine.messages.topology import ASIDE


@dataclass(frozen=True)
class Engine:
    """`put` and `aside` are what a stranger does and finds at the broker itself."""

    carrier: Callable[[], Carrier]
    put: Callable[[str, bytes], None]
    aside: Callable[[], list[bytes]]


@contextmanager
def in_memory() -> Iterator[Engine]:
    queues = MemoryQueues()
    yield Engine(lambda: MemoryDoorbell(queues), queues.put, lambda: queues.aside)


@contextmanager
def over_rabbitmq(url: str) -> Iterator[Engine]:
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()

        def put(stage: str, body: bytes) -> None:
            channel.basic_publish("", queue_name(stage, urgent=False), body)

        def aside() -> list[bytes]:
            bodies = []
            while (body := channel.basic_get(ASIDE, auto_ack=True)[2]) is not None:
                bodies.append(body)
            return bodies

        yield Engine(lambda: RabbitDoorbell(url), put, aside)


def celery_over(url: str) -> Callable[[], Carrier]:
    """Of it alone what rings: it hears in the processes that Celery starts."""
    return lambda: CeleryDoorbell(make_app(f"celery+{url}"))
