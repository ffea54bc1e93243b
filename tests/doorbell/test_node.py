"""The private broker itself: what the other tests stand on."""

import socket
from contextlib import closing
from pathlib import Path

import pika
import pytest
from pika.exceptions import ChannelClosedByBroker

from postroad.testing.rabbitmq import RabbitMQNode, rabbitmq_node


def _take(url: str, queue: str) -> int:
    """How many messages there are to be had."""
    with closing(pika.BlockingConnection(pika.URLParameters(url))) as connection:
        channel = connection.channel()
        taken = 0
        while channel.basic_get(queue)[0] is not None:
            taken += 1
    return taken


def _publish(url: str, queue: str, *, times: int) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    lasting = pika.BasicProperties(delivery_mode=2)
    for _ in range(times):
        channel.basic_publish("", queue, b"x", properties=lasting, mandatory=True)
    connection.close()


def test_what_was_confirmed_survives_a_killed_node(own_rabbitmq: RabbitMQNode) -> None:
    with own_rabbitmq.vhost() as url:
        _publish(url, "kept", times=3)
        own_rabbitmq.settle()
        own_rabbitmq.kill()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", own_rabbitmq.port))
        own_rabbitmq.start()
        assert _take(url, "kept") == 3


def test_a_virtual_host_is_fresh_for_each_test(rabbitmq: RabbitMQNode) -> None:
    with rabbitmq.vhost() as one, rabbitmq.vhost() as other:
        _publish(one, "q", times=1)
        with pytest.raises(ChannelClosedByBroker):
            _take(other, "q")


def test_nothing_of_a_node_is_left_behind() -> None:
    with rabbitmq_node() as node:
        pid, home = node.pid, node.home
        assert any(f"epmd -port {node.epmd_port}" in line for line in _command_lines())
    assert not Path(f"/proc/{pid}").exists()
    assert not home.exists()
    assert not any(f"epmd -port {node.epmd_port}" in line for line in _command_lines())


def _command_lines() -> list[str]:
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_text().replace("\0", " "))
        except OSError:
            continue
    return lines
