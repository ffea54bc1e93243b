"""References over TLS, in a virtual host; a broker that nobody vouches for is not spoken to."""

import datetime as dt
from pathlib import Path

import pytest

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.port import NotRung, Reference
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.testing.certificates import make_certificates
from postroad.testing.rabbitmq import RabbitMQNotInstalled, rabbitmq_node


async def test_references_go_over_verified_tls_into_their_own_virtual_host(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path, dt.datetime.now(dt.UTC))
    try:
        with rabbitmq_node(certificates.valid) as node, node.vhost() as plain:
            url = node.tls_url_of(plain.rpartition("/")[2])
            stranger = RabbitDoorbell(url)
            with pytest.raises(NotRung):
                await stranger.ring([Reference(RunId(1), 1, BatchId(1), "dispatch")])
            bell = RabbitDoorbell(f"{url}?cafile={certificates.authority}")
            await bell.ring([Reference(RunId(1), 1, BatchId(1), "dispatch")])
            assert await bell.depth("dispatch") == 1
            elsewhere = RabbitDoorbell(node.url)
            assert await elsewhere.depth("dispatch") == 0
            for each in (stranger, bell, elsewhere):
                await each.close()
    except RabbitMQNotInstalled as missing:
        pytest.skip(str(missing))
