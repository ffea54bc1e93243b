"""The same over TLS, in a virtual host; a broker that nobody vouches for is not spoken to."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from aio_pika import connect
from aio_pika.exceptions import AMQPConnectionError

from postroad.testing.certificates import Certificates, make_certificates
from postroad.testing.rabbitmq import RabbitMQNode, RabbitMQNotInstalled, rabbitmq_node
from tests.engine.rig import a_rig
from tests.messages.opened import open_campaign
from tests.messages.outsider import an_outsider


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path, dt.datetime.now(dt.UTC))


@pytest.fixture
def secured(certificates: Certificates) -> Iterator[RabbitMQNode]:
    try:
        with rabbitmq_node(certificates.valid) as node:
            yield node
    except RabbitMQNotInstalled as missing:
        pytest.skip(str(missing))


async def test_a_submission_over_tls_in_a_virtual_host(
    dsn: str, secured: RabbitMQNode, certificates: Certificates
) -> None:
    with secured.vhost() as plain:
        url = secured.tls_url_of(plain.rpartition("/")[2])
        with pytest.raises((AMQPConnectionError, OSError)):
            await connect(url)
        trusted = f"{url}?cafile={certificates.authority}"
        async with a_rig(dsn, broker_url=trusted) as rig:
            await rig.until_true("SELECT count(*) = 1 FROM feed_position")
            campaign = open_campaign(rig.connection)
            with an_outsider(plain) as outsider:
                outsider.submit({"id": "a", "campaign": campaign, "address": "ann@example.org"})
                await asyncio.to_thread(outsider.heard, "finished", id="a")
