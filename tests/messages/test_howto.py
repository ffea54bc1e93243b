"""docs/howto/submit-and-follow.py, as its reader runs it, with the rights that the papers name."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from postroad.testing.database import ended_with_us, private_home
from postroad.testing.product import Product, furnish
from postroad.testing.rabbitmq import RabbitMQNode
from postroad.testing.relay import Relay
from tests.engine.rig import a_rig
from tests.messages.opened import open_campaign

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "howto" / "submit-and-follow.py"
SECONDS = 60


@pytest.fixture
def shop_url(rabbitmq: RabbitMQNode, broker_url: str) -> str:
    """Of the user for outsiders, made as docs/messages/README.md says."""
    text = (DOCS / "messages" / "README.md").read_text(encoding="utf-8")
    rights = re.findall(r"^ {8}'(.*)'", text, re.MULTILINE)
    assert len(rights) == 3
    vhost = broker_url.rpartition("/")[2]
    told = ", ".join('<<"' + right.replace("\\", "\\\\") + '">>' for right in rights)
    made = rabbitmq.ask(
        'begin catch rabbit_auth_backend_internal:add_user(<<"shop">>, <<"secret">>, <<"test">>),'
        f' rabbit_auth_backend_internal:set_permissions(<<"shop">>, <<"{vhost}">>, {told},'
        ' <<"test">>) end'
    )
    assert made == "ok"
    return broker_url.replace("guest:guest@", "shop:secret@")


async def follow(url: str, campaign: int, key: str) -> list[str]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, SCRIPT, url, str(campaign), "ann@example.org", key, stdout=PIPE
    )
    async with asyncio.timeout(SECONDS):
        told, _ = await child.communicate()
    assert child.returncode == 0
    return [line.partition(" ")[0] for line in told.decode().splitlines()]


def test_the_script_is_short() -> None:
    assert len(SCRIPT.read_text(encoding="utf-8").splitlines()) <= 20


async def test_it_submits_a_mail_and_follows_it_to_its_end(
    dsn: str, broker_url: str, shop_url: str
) -> None:
    async with a_rig(dsn, broker_url=broker_url) as rig:
        await rig.until_true("SELECT count(*) = 1 FROM feed_position")
        campaign = open_campaign(rig.connection)
        told = await follow(shop_url, campaign, "order-1001")
        assert told[0] == "run.submitted"
        assert told[-2:] == ["delivery.accepted", "run.finished"]
        assert rig.begun() == {"ann@example.org": 1}
        assert await follow(shop_url, 999, "order-1001") == ["queue.message_refused"]


async def test_an_outsider_reaches_no_other_queue(dsn: str, broker_url: str, shop_url: str) -> None:
    async with a_rig(dsn, broker_url=broker_url) as rig:
        await rig.until_true("SELECT count(*) = 1 FROM feed_position")
        refused = await asyncio.to_thread(refusals, shop_url)
        assert refused == [403] * 4


def refusals(url: str) -> list[int]:
    """Of writing past the exchange, as an event, of reading aside, and of a purge."""
    codes = []
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        for attempt in range(4):
            channel = connection.channel()
            channel.confirm_delivery()
            try:
                if attempt == 0:
                    channel.basic_publish("", "postroad.dead", b"x")
                elif attempt == 1:
                    channel.basic_publish("postroad.events", "run.finished", b"x")
                elif attempt == 2:
                    channel.basic_get("postroad.aside")
                else:
                    channel.queue_purge("postroad.submit")
            except ChannelClosedByBroker as closed:
                codes.append(closed.reply_code)
    return codes


def has_begun(product: Product) -> bool:
    return product.call("SELECT count(*) FROM feed_position") == (1,)


async def test_real_workers_take_it_and_tell_of_it(
    database: str, broker_url: str, shop_url: str
) -> None:
    """`postroad work`, with no more than BROKER_URL set."""
    with private_home() as home, ended_with_us(home):
        async with Relay() as relay:
            furnish(database, relay.port, "Your order is on its way.")
            product = Product(home, database, {"BROKER_URL": broker_url})
            try:
                product.start_worker()
                await asyncio.to_thread(product.until, lambda: has_begun(product), "the feed")
                (campaign,) = product.call(
                    "INSERT INTO campaign (name, content_id, relay_id, sender_address, is_open)"
                    " VALUES ('Receipts', 1, 1, 'me@example.com', true) RETURNING id"
                )
                told = await follow(shop_url, int(str(campaign)), "order-1001")
                assert told[-2:] == ["delivery.accepted", "run.finished"]
                assert relay.tally.begun_recipients == {"ann@example.org": 1}
            finally:
                product.end()
