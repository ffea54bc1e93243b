"""The exchanges and the queues for outsiders, and what bounds each of them.

RabbitMQ 3.10 gives a quorum queue neither a length nor a delivery limit: every
bound that should hold is named here. What is there already is taken as it is,
so that a broker's owner may set other bounds.
"""

from collections.abc import Mapping
from typing import Final

from aio_pika import ExchangeType
from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

SUBMIT: Final = "postroad.submit"
DEAD: Final = "postroad.dead"
ASIDE: Final = "postroad.aside"
EVENTS: Final = "postroad.events"

_MIB: Final = 2**20
_KEPT: Final = {"x-queue-type": "quorum", "x-overflow": "drop-head"}
"""Copies of what the database holds: the oldest give way, and nothing is lost by it."""

QUEUES: Final[Mapping[str, Mapping[str, str | int]]] = {
    ASIDE: {**_KEPT, "x-max-length-bytes": 64 * _MIB},
    DEAD: {**_KEPT, "x-max-length-bytes": 256 * _MIB},
    SUBMIT: {
        "x-queue-type": "quorum",
        # Full, it refuses: the sender is told, and nothing that was confirmed goes.
        "x-overflow": "reject-publish",
        "x-max-length-bytes": 256 * _MIB,
        # One that ends its reader again and again is put aside by the broker.
        "x-delivery-limit": 20,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": ASIDE,
    },
}

EXCHANGES: Final[Mapping[str, ExchangeType]] = {
    # By itself, since who may write to the default exchange may write to every queue.
    SUBMIT: ExchangeType.FANOUT,
    EVENTS: ExchangeType.TOPIC,
}


async def declare(connection: AbstractConnection) -> None:
    """All of them, where they are not there yet."""
    for name in QUEUES:
        await declare_queue(connection, name)
    for name, kind in EXCHANGES.items():
        await _exchange(connection, name, kind)
    async with connection.channel() as channel:
        queue = await channel.get_queue(SUBMIT, ensure=False)
        await queue.bind(SUBMIT, "")


async def _exchange(connection: AbstractConnection, name: str, kind: ExchangeType) -> None:
    try:
        async with connection.channel() as channel:
            await channel.declare_exchange(name, passive=True)
    except ChannelNotFoundEntity:
        async with connection.channel() as channel:
            await channel.declare_exchange(name, kind, durable=True)


async def declare_queue(connection: AbstractConnection, name: str) -> None:
    """One of QUEUES, where it is not there yet.

    In a channel of its own: the broker closes it over a name that is not there.
    """
    try:
        async with connection.channel() as channel:
            await channel.declare_queue(name, passive=True)
    except ChannelNotFoundEntity:
        async with connection.channel() as channel:
            await channel.declare_queue(name, durable=True, arguments=dict(QUEUES[name]))
