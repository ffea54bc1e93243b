"""The connection to a RabbitMQ, for all that speak with one."""

import asyncio
import contextlib
from typing import Final

import aio_pika
from aio_pika.abc import AbstractConnection

_CONNECT_SECONDS: Final = 10.0
_HEARTBEAT_SECONDS: Final = 10
"""Twice this long without an octet, and the connection counts as lost."""


class _Connection(aio_pika.Connection):
    """Closed when it could not be made.

    The library leaves that to the garbage collector, which may come by in a thread
    that has no loop, or when ours has ended.
    """

    async def connect(self, timeout: float | int | None = None) -> None:  # noqa: PYI041 - the library's.
        try:
            await super().connect(timeout)
        except BaseException:
            await self.close()
            raise


async def connect_broker(url: str) -> AbstractConnection:
    """Raises ConnectionError, whatever the library raises: its faults are many.

    One that closes in the middle of the greeting, as a proxy does whose broker is
    away, comes out of it as StopAsyncIteration.
    """
    try:
        return await aio_pika.connect(
            url,
            timeout=_CONNECT_SECONDS,
            connection_class=_Connection,
            heartbeat=_HEARTBEAT_SECONDS,
        )
    except Exception as error:
        raise ConnectionError(str(error) or type(error).__name__) from error


async def hang_up(connection: AbstractConnection) -> None:
    """Twice: the first fails where the line is gone, the second then has none to fail with."""
    for _ in range(2):
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_CONNECT_SECONDS):
                await connection.close()
