"""Health, readiness and metrics, for machines that ask."""

import hmac
import socket
from urllib.parse import urlsplit

from postroad.settings import Settings
from postroad.store.reads import status as status_reads

_BROKER_SECONDS = 2.0
_PORTS = {"amqp": 5672, "amqps": 5671, "redis": 6379, "rediss": 6379}


class Status:
    """`missing` names what is not there, and nothing more: strangers may ask."""

    metrics = staticmethod(status_reads.metrics)

    def __init__(self, settings: Settings) -> None:
        self._broker_url = settings.broker_url.get_secret_value()
        self._has_rabbitmq = bool(settings.rabbitmq_url)
        self._token = settings.metrics_token.get_secret_value()

    @property
    def takes_submissions(self) -> bool:
        """Whether a RabbitMQ is configured, over which single mails can come."""
        return self._has_rabbitmq

    def missing(self) -> list[str]:
        missing = status_reads.missing()
        return missing if self._broker_answers() else [*missing, "broker"]

    def may_read(self, token: str) -> bool:
        """Whether this is the token of the settings; none is set: never."""
        return bool(self._token) and hmac.compare_digest(token.encode(), self._token.encode())

    def _broker_answers(self) -> bool:
        """Somebody listens where the broker is said to be. True where none is configured."""
        if not self._broker_url:
            return True
        url = urlsplit(self._broker_url.removeprefix("celery+"))
        try:
            port = url.port or _PORTS.get(url.scheme, 5672)
            socket.create_connection((url.hostname or "localhost", port), _BROKER_SECONDS).close()
        except (OSError, ValueError):
            return False
        return True
