"""Somebody outside: a client of the broker that knows no more than docs/messages says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import BasicProperties

PATIENCE_SECONDS = 60.0


class Outsider:
    """Hears every event from the moment it is made; `events` grows in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.events: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self._heard = threading.Condition()
        self._listening = pika.BlockingConnection(pika.URLParameters(url))
        channel = self._listening.channel()
        queue = channel.queue_declare("", exclusive=True).method.queue
        channel.queue_bind(queue, "postroad.events", "#")
        channel.basic_consume(queue, self._hear, auto_ack=True)
        self._thread = threading.Thread(target=self._listen, args=(channel,), daemon=True)
        self._thread.start()
        self._speaking = pika.BlockingConnection(pika.URLParameters(url))
        self.channel = self._speaking.channel()
        self.channel.confirm_delivery()

    def close(self) -> None:
        self._listening.add_callback_threadsafe(self._listening.close)
        self._thread.join()
        self._speaking.close()

    def submit(self, body: bytes | dict[str, Any]) -> None:
        octets = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.channel.basic_publish("", "postroad.submit", octets)

    def heard(self, kind: str, **about: Any) -> dict[str, Any]:
        """The first event of this kind, waited for."""

        def fits(event: dict[str, Any]) -> bool:
            return event["kind"] == kind and all(event.get(k) == v for k, v in about.items())

        found: dict[str, Any] = self.until(
            lambda: next(filter(fits, self.events), None), f"{kind} {about}"
        )
        return found

    def until(self, look: Callable[[], Any], what: str) -> Any:
        with self._heard:
            seen = self._heard.wait_for(look, PATIENCE_SECONDS)
        assert seen, (what, [event["kind"] for event in self.events])
        return seen

    def get(self, queue: str) -> tuple[dict[str, Any], bytes]:
        """One message of a queue, taken: its headers and body. Waited for."""
        found: list[tuple[dict[str, Any], bytes]] = []

        def take(channel: BlockingChannel, method: Any, seen: BasicProperties, body: bytes) -> None:
            found.append((dict(seen.headers or {}), body))
            channel.basic_ack(method.delivery_tag)
            channel.basic_cancel(method.consumer_tag)

        channel = self._speaking.channel()
        channel.basic_qos(prefetch_count=1)
        channel.basic_consume(queue, take)
        self._speaking.process_data_events(0)
        for _ in range(int(PATIENCE_SECONDS)):
            if found:
                break
            self._speaking.process_data_events(1)
        channel.close()
        return found[0]

    def depth(self, queue: str) -> int:
        declared = self._speaking.channel().queue_declare(queue, passive=True)
        return int(declared.method.message_count)

    def _listen(self, channel: BlockingChannel) -> None:
        channel.start_consuming()

    def _hear(self, _channel: BlockingChannel, method: Any, _seen: Any, body: bytes) -> None:
        with self._heard:
            self.events.append(json.loads(body))
            self.keys.append(method.routing_key)
            self._heard.notify_all()


@contextmanager
def an_outsider(url: str) -> Iterator[Outsider]:
    outsider = Outsider(url)
    try:
        yield outsider
    finally:
        outsider.close()
