"""References over TLS, in a virtual host; a broker that nobody vouches for is not spoken to."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroad.core.ids import BatchId, RunId
from postroad.engine.doorbell.celery_queues import CeleryDoorbell, make_app
from postroad.engine.doorbell.port import NotRung, Reference
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.testing.certificates import Certificates, make_certificates
from postroad.testing.rabbitmq import RabbitMQNotInstalled, rabbitmq_node

from .redis_server import a_redis

REFERENCE = Reference(RunId(1), 1, BatchId(1), "dispatch")


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path, dt.datetime.now(dt.UTC))


@contextmanager
def over_amqps(certificates: Certificates) -> Iterator[tuple[str, str]]:
    """The URL of a virtual host over TLS, and that of the node's own, in clear."""
    try:
        with rabbitmq_node(certificates.valid) as node, node.vhost() as plain:
            yield node.tls_url_of(plain.rpartition("/")[2]), node.url
    except RabbitMQNotInstalled as missing:
        pytest.skip(str(missing))


async def test_references_go_over_verified_tls_into_their_own_virtual_host(
    certificates: Certificates,
) -> None:
    with over_amqps(certificates) as (url, clear):
        await is_verified(RabbitDoorbell(url), RabbitDoorbell(url_with(certificates, url)))
        elsewhere = RabbitDoorbell(clear)
        assert await elsewhere.depth("dispatch") == 0
        await elsewhere.close()
        # The same node, for it takes seconds to start.
        await is_verified_by_celery(certificates, url)


async def test_celery_verifies_the_tls_of_redis(certificates: Certificates) -> None:
    with a_redis(certificates) as url:
        await is_verified_by_celery(certificates, url)


async def is_verified(
    stranger: RabbitDoorbell | CeleryDoorbell, bell: RabbitDoorbell | CeleryDoorbell
) -> None:
    with pytest.raises(NotRung):
        await stranger.ring([REFERENCE])
    await bell.ring([REFERENCE])
    assert await bell.depth("dispatch") == 1
    for each in (stranger, bell):
        await each.close()


async def is_verified_by_celery(certificates: Certificates, url: str) -> None:
    """Not only who vouches, but for which name."""
    trusted = url_with(certificates, url)
    misnamed = trusted.replace("localhost", "127.1")  # The same address, not the name vouched for.
    for other in (url, misnamed):
        await is_verified(celery_over(other), celery_over(trusted))
        await purged(celery_over(trusted))


async def purged(bell: CeleryDoorbell) -> None:
    await bell.purge()
    await bell.close()


def url_with(certificates: Certificates, url: str) -> str:
    return f"{url}?cafile={certificates.authority}"


def celery_over(url: str) -> CeleryDoorbell:
    return CeleryDoorbell(make_app(f"celery+{url}"))
