"""What comes to postroad.submit: taken in, or put aside with the reason. Nothing is lost.

A message is acknowledged once what came of it is committed. Killed before, it
comes again, and that is harmless: a requeue names its attempt, a submission its id.
"""

from typing import Final, assert_never

import psycopg
import structlog
from aio_pika import DeliveryMode, Message
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from postroad.core.messages import REFUSALS, Accepted, DeadLetter, Unfit, read_message
from postroad.engine.messages.topology import ASIDE, SUBMIT
from postroad.engine.protocol import Protocol

_log = structlog.get_logger()
ACTOR: Final = "outside"
_NOT_KEPT: Final = "The database would not keep it: mend the message, or report this."


class Taker:
    """`public_url`: where the manager has set none."""

    def __init__(self, protocol: Protocol, channel: AbstractChannel, public_url: str) -> None:
        self._protocol = protocol
        self._channel = channel
        self._public_url = public_url

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Raises what the database and the broker raise when they are away."""
        found = read_message(message.body)
        try:
            unfit = await self._take_in(found)
        except (psycopg.DataError, psycopg.IntegrityError) as error:
            _log.warning("message_not_kept", cause=str(error))
            unfit = Unfit(_NOT_KEPT)
        if unfit:
            await self._put_aside(message, unfit)
        await message.ack()

    async def _take_in(self, found: DeadLetter | Accepted | Unfit) -> Unfit | None:
        match found:
            case Unfit():
                return found
            case DeadLetter():
                await self._requeue(found)
                return None
            case Accepted():
                return await self._submit(found)
            case _:
                assert_never(found)

    async def _requeue(self, letter: DeadLetter) -> None:
        outcome = await self._protocol.value(
            "SELECT requeue_from_outside(%s, %s, %s, %s)",
            letter.run,
            letter.n,
            letter.attempt,
            ACTOR,
        )
        _log.info("requeue_asked", run=letter.run, n=letter.n, outcome=outcome)

    async def _submit(self, accepted: Accepted) -> Unfit | None:
        said, address = accepted.submission, accepted.address
        async with self._protocol.pool.connection() as connection:
            cursor = connection.cursor(row_factory=tuple_row)
            await cursor.execute(
                "SELECT outcome, run_id FROM submit_delivery(%s, %s, %s, %s, %s, %s, %s, %s)",
                [
                    said.campaign, said.id, address.address, address.key, said.name.strip(),
                    Jsonb(said.data), self._public_url, ACTOR,
                ],
            )  # fmt: skip
            row = await cursor.fetchone()
        outcome, run = row or ("", None)
        _log.info("submitted", campaign=said.campaign, outcome=outcome, run=run)
        refusal = REFUSALS.get(outcome)
        return Unfit(refusal, said.id, said.campaign) if refusal else None

    async def _put_aside(self, message: AbstractIncomingMessage, unfit: Unfit) -> None:
        """Journaled first: killed between the two, both are done again."""
        detail = {"id": unfit.id, "campaign": unfit.campaign, "octets": len(message.body)}
        await self._protocol.value(
            "SELECT journal_act('message_refused', %s, %s, NULL, %s)",
            ACTOR,
            unfit.text,
            Jsonb(detail),
        )
        aside = Message(
            message.body,
            headers={"x-reason": unfit.text, "x-from": SUBMIT},
            content_type=message.content_type,
            delivery_mode=DeliveryMode.PERSISTENT,
        )
        await self._channel.default_exchange.publish(aside, routing_key=ASIDE)
