"""What befalls the broker, and the lines to it. Each lasts as long as its context."""

import random
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from postroad.testing.rabbitmq import RabbitMQNode

from .faults import cut_off, far_away
from .rig import Rig


@contextmanager
def broker_killed(rig: Rig, _dice: random.Random) -> Iterator[None]:
    node = broker_of(rig)
    node.kill()
    yield
    node.start()


@contextmanager
def broker_frozen(rig: Rig, _dice: random.Random) -> Iterator[None]:
    # Not the node's own `freeze`: it may be killed meanwhile.
    with rig.frozen(broker_of(rig).pid):
        yield


def worker_cut_from_broker(rig: Rig, dice: random.Random) -> AbstractContextManager[None]:
    return cut_off(rig.to_broker[dice.choice(rig.workers).pid], dice)


def worker_far_from_broker(rig: Rig, dice: random.Random) -> AbstractContextManager[None]:
    return far_away(rig.to_broker[dice.choice(rig.workers).pid])


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

BROKER_ORDER = (references_forgotten, broker_frozen, broker_killed)
"""At one moment: a node that is frozen or dead forgets nothing, a dead one is not frozen."""


def broker_of(rig: Rig) -> RabbitMQNode:
    assert rig.broker is not None
    return rig.broker
