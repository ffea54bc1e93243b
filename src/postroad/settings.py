"""One frozen settings schema, read from the environment (POSTROAD_…)."""

import os
from functools import cached_property
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


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
    broker_url: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="BROKER_URL",
        description="The doorbell's broker: amqp:// or amqps:// for RabbitMQ, celery+amqp:// or"
        " celery+redis:// for Celery; empty: the database rings.",
    )
    host: str = Field(default="127.0.0.1", description="Address the console listens on.")
    port: int = Field(default=8025, ge=0, le=65535, description="Port of the console.")
    inbox_port: int = Field(
        default=0, ge=0, le=65535, description="SMTP port of the sandbox inbox; 0: any free one."
    )
    workers: int = Field(default=2, ge=1, le=64, description="Worker processes that `up` starts.")
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
    sweep_seconds: float = Field(
        default=5, gt=0, description="How often a worker looks by itself when no bell rings."
    )
    ledger: bool = Field(
        default=True,
        description="Each worker keeps a ledger of its mails in the home, so that a kill leaves"
        " fewer unknown.",
    )
    debug: bool = Field(
        default=False, description="Shows /kit/, every part of the console at its real size."
    )
    log_json: bool = Field(default=False, description="Logs as JSON lines.")

    @cached_property
    def run_dir(self) -> Path:
        return self.home / "run"

    @cached_property
    def ledger_dir(self) -> Path | None:
        """Where workers keep their ledgers; None: they keep none."""
        return self.home / "ledger" if self.ledger else None

    @cached_property
    def key_file(self) -> Path:
        """The key that encrypts secrets at rest; 32 octets, mode 0600."""
        return self.home / "secret.key"

    @cached_property
    def inbox_file(self) -> Path:
        return self.home / "inbox.sqlite"
