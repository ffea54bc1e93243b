"""The composition root of a worker process. It needs no Django."""

import socket
from dataclasses import replace

from postroad import __version__
from postroad.content.attachment import FileSpec
from postroad.core.ids import RelayId, RevisionId
from postroad.core.mail import Preparer, RelayTarget, RelayUnusable
from postroad.core.unknown import policy_after_seconds
from postroad.dsn import pinned
from postroad.engine.doorbell.port import Carrier
from postroad.engine.doorbell.postgres import PostgresDoorbell
from postroad.engine.doorbell.rabbitmq import RabbitDoorbell
from postroad.engine.lookup.turn import PolicyPlan
from postroad.engine.messages.exchanges import Exchanges
from postroad.engine.tidying import Retention
from postroad.engine.worker import WorkerPlan
from postroad.settings import Settings
from postroad.store.loading import NotThere, load_relay, load_revision
from postroad.store.secrets import BadKey, key_of
from postroad.wiring.revisions import compiled, spec_of


def worker_plan(settings: Settings, dsn: str, stages: tuple[str, ...]) -> WorkerPlan:
    """Everything that a worker is handed."""
    dsn = pinned(dsn)
    key = key_of(settings)
    helo = socket.getfqdn()

    def revision(wanted: RevisionId) -> Preparer:
        kept = load_revision(dsn, wanted)
        files = (FileSpec(file.name, file.media_type, file.data) for file in kept.files)
        return compiled(spec_of(kept, files))

    def relay(wanted: RelayId) -> RelayTarget:
        try:
            target = load_relay(dsn, wanted, key, helo)
        except (BadKey, NotThere) as fault:
            raise RelayUnusable(str(fault)) from fault
        return replace(target, domain_connections=settings.domain_connections)

    return WorkerPlan(
        dsn=dsn,
        version=__version__,
        load_revision=revision,
        load_relay=relay,
        doorbell=PostgresDoorbell(dsn),
        carrier=carrier_of(settings.broker_url.get_secret_value()),
        exchanges=_exchanges(settings),
        stages=stages,
        heartbeat_seconds=settings.heartbeat_seconds,
        lease_seconds=settings.lease_seconds,
        guard_seconds=settings.send_guard_seconds,
        look_seconds=settings.sweep_seconds,
        ring_again_seconds=settings.ring_again_seconds,
        policy=_policy(settings),
        slot=settings.slot,
        ledgers=settings.ledger_dir,
        retention=Retention(settings.prepared_days, settings.journal_months or None),
    )


def _policy(settings: Settings) -> PolicyPlan:
    after_seconds = policy_after_seconds(settings.resend_after_seconds)
    return PolicyPlan(after_seconds, settings.home / "lookup")


def carrier_of(broker_url: str) -> Carrier | None:
    """The engine that a URL's scheme names; None: the database rings."""
    if not broker_url:
        return None
    if broker_url.startswith("celery+"):
        # Not everybody has Celery.
        from postroad.engine.doorbell.celery_queues import CeleryDoorbell, make_app

        return CeleryDoorbell(make_app(broker_url))
    return RabbitDoorbell(broker_url)


def _exchanges(settings: Settings) -> Exchanges | None:
    """What outsiders see of the queue, where the broker is a RabbitMQ, Celery's too."""
    url = settings.rabbitmq_url
    return Exchanges(url, settings.public_url) if url else None
