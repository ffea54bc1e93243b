"""What befalls the broker, and the lines to it. Each lasts as long as its context."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from postroad.testing.rabbitmq import RabbitMQNode

from .rig import Rig


@contextmanager
def broker_killed(rig: Rig, _dice: random.Random) -> Iterator[None]:
    node = broker_of(rig)
    node.kill()
    yield
    node.start()


@contextmanager
def broker_frozen(rig: Rig, _dice: random.Random) -> Iterator[None]:
    with broker_of(rig).freeze():
        yield


@contextmanager
def worker_cut_from_broker(rig: Rig, dice: random.Random) -> Iterator[None]:
    line = rig.to_broker[dice.choice(rig.workers).pid]
    dice.choice((line.cut, line.silence))()
    yield
    line.mend()


@contextmanager
def worker_far_from_broker(rig: Rig, dice: random.Random) -> Iterator[None]:
    line = rig.to_broker[dice.choice(rig.workers).pid]
    line.delay_seconds = 0.05
    yield
    line.delay_seconds = 0.0


@contextmanager
def references_forgotten(rig: Rig, _dice: random.Random) -> Iterator[None]:
    """The broker drops what waits, and cuts everybody off."""
    node = broker_of(rig)
    node.ask("[rabbit_amqqueue:purge(Q) || Q <- rabbit_amqqueue:list()]")
    node.close_connections()
    yield


OF_THE_BROKER = (
    broker_killed,
    broker_frozen,
    worker_cut_from_broker,
    worker_cut_from_broker,
    worker_far_from_broker,
    references_forgotten,
)


def broker_of(rig: Rig) -> RabbitMQNode:
    assert rig.broker is not None
    return rig.broker
