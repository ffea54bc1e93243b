"""One frozen settings schema, read from the environment (POSTROAD_…)."""

import ipaddress
import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def default_home() -> Path:
    """Root keeps its data where a dropped account can reach it; others in their home."""
    if os.geteuid() == 0:
        return Path("/var/lib/postroad")
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "postroad"


class Settings(BaseSettings):
    """Everything that a process of Postroad is told from outside.

    What the manager changes while the product runs (relays, limits, the
    public address) is kept in the database instead.
    """

    model_config = SettingsConfigDict(env_prefix="POSTROAD_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=default_home, description="Where all data lie.")
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="A PostgreSQL 14+ to use; empty: the embedded server.",
    )
    named_key_file: Path | None = Field(
        default=None,
        validation_alias="POSTROAD_KEY_FILE",
        description="The key that encrypts secrets, one for all hosts: 32 octets, or 64 hex digits."
        " It is never made here; without it secret.key in the home is, at the first start.",
    )
    broker_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="BROKER_URL",
        description="A broker that tells workers what is due, and over which others submit and"
        " follow: amqp:// or amqps:// (verified TLS) for RabbitMQ, its path the virtual host;"
        " celery+amqp://, celery+amqps://, celery+redis:// or celery+rediss:// for Celery; empty:"
        " the database tells. With TLS, ?cafile= names an authority of your own.",
    )
    host: str = Field(default="127.0.0.1", description="Address the console listens on.")
    port: int = Field(default=8025, ge=0, le=65535, description="Port of the console.")
    hosts: str = Field(
        default="",
        description="Names, separated by commas, under which the console is asked for, beside this"
        " machine's own and that of the public address. Without any, one that listens on all"
        " addresses answers to every name.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks, separated by commas, of proxies whose X-Forwarded-For"
        " and X-Forwarded-Proto are believed; empty: nobody's are.",
    )
    inbox_port: int = Field(
        default=0, ge=0, le=65535, description="SMTP port of the sandbox inbox; 0: any free one."
    )
    slot: str = Field(
        default="",
        max_length=64,
        description="Set by `up` and `work --min`: the place of a worker, which rests once that is"
        " drained from the console.",
    )
    workers: int = Field(
        default=2, ge=1, le=64, description="Worker processes that `up` keeps when all is quiet."
    )
    most_workers: int = Field(
        default=0,
        ge=0,
        le=256,
        description="Worker processes that `up` grows to while batches wait; 0: one a processor.",
    )
    quiet_seconds: float = Field(
        default=60, gt=0, description="Time without a waiting batch after which a worker may go."
    )
    public_url: str = Field(
        default="", description="HTTPS address under which recipients reach the unsubscribe pages."
    )
    undo_seconds: float = Field(
        default=60, ge=0, description="Time in which a launch can be undone."
    )
    resend_after_seconds: float = Field(
        default=900,
        ge=0,
        description="A settled unknown is sent again no earlier than this after it became unknown.",
    )
    heartbeat_seconds: float = Field(
        default=10, gt=0, description="How often a worker renews its lease."
    )
    lease_seconds: float = Field(
        default=60, gt=0, description="Silence after which a worker counts as dead."
    )
    send_guard_seconds: float = Field(
        default=30, gt=0, description="No mail begins later than this after the last heartbeat."
    )
    grace_seconds: float = Field(
        default=25,
        ge=0,
        description="How long a worker that is told to end waits for replies to what it has begun.",
    )
    ring_again_seconds: float = Field(
        default=30,
        gt=0,
        description="A batch that a broker was told of and that nobody took is told of again.",
    )
    sweep_seconds: float = Field(
        default=5, gt=0, description="How often a worker looks by itself when no bell rings."
    )
    domain_connections: int = Field(
        default=5,
        ge=0,
        description="Connections of a worker to a relay that carry mails to the same domain at"
        " once, where that domain has no lane of its own; 0: any number.",
    )
    prepared_days: int = Field(
        default=90,
        ge=1,
        description="The bytes of mails are kept for so many days after the end of a run; those of"
        " dead, unknown and held mails until a person has settled them.",
    )
    journal_months: int = Field(
        default=0, ge=0, description="The journal is kept for so many whole months; 0: for ever."
    )
    ledger: bool = Field(
        default=True,
        description="Each worker keeps a ledger of its mails in the home, so that a kill leaves"
        " fewer unknown.",
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer token for /metrics from elsewhere; empty: this machine alone may ask.",
    )
    debug: bool = Field(
        default=False, description="Shows /kit/, every part of the console at its real size."
    )
    log_json: bool = Field(default=False, description="Logs as JSON lines.")

    @cached_property
    def rabbitmq_url(self) -> str:
        """That of the broker, Celery's too, where it is a RabbitMQ; else ''."""
        url = self.broker_url.get_secret_value().removeprefix("celery+")
        return url if url.startswith(("amqp://", "amqps://")) else ""

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        for each in words(text):
            ipaddress.ip_network(each)
        return text

    @cached_property
    def proxies(self) -> tuple[Network, ...]:
        return tuple(ipaddress.ip_network(each) for each in words(self.trusted_proxies))

    @cached_property
    def run_dir(self) -> Path:
        return self.home / "run"

    @cached_property
    def ledger_dir(self) -> Path | None:
        """Where workers keep their ledgers; None: they keep none."""
        return self.home / "ledger" if self.ledger else None

    @cached_property
    def key_file(self) -> Path:
        """The key that encrypts secrets at rest; the one in the home is of mode 0600."""
        return self.named_key_file or self.home / "secret.key"

    @cached_property
    def inbox_file(self) -> Path:
        return self.home / "inbox.sqlite"


def words(text: str) -> list[str]:
    """What stands between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
