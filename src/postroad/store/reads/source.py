"""Sources: the list, one for its page and form, and what a connection needs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from postroad.core.criteria.schema import Mapping, Schema
from postroad.core.ids import SourceId
from postroad.core.source.connection import Dialect, SourceTarget, Tls
from postroad.core.source.snapshot import mapping_from_json, schema_from_json
from postroad.store.models import Source

Unseal = Callable[[bytes], str]
"""Decrypts a kept password."""


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Without the passwords. `mapping` None: nobody said yet where in it the people are."""

    id: SourceId
    name: str
    dialect: Dialect
    host: str
    port: int
    database: str
    tls: Tls
    ca_file: str
    deploy_user: str
    has_deploy_password: bool
    run_user: str
    has_run_password: bool
    schema: str
    timeout_seconds: int
    seen_at: datetime | None
    mapping: Mapping | None

    @property
    def kept_passwords(self) -> tuple[str, ...]:
        """The names of the fields whose password is stored."""
        kept = {"deploy_password": self.has_deploy_password, "run_password": self.has_run_password}
        return tuple(name for name, is_kept in kept.items() if is_kept)


def sources() -> list[SourceRow]:
    """By name. The built-in contacts are not among them."""
    return [_row(source) for source in Source.objects.defer("seen").order_by("name")]


def source(source_id: SourceId) -> SourceRow | None:
    found = Source.objects.defer("seen").filter(id=source_id).first()
    return None if found is None else _row(found)


def named(name: str) -> SourceRow | None:
    found = Source.objects.defer("seen").filter(name=name).first()
    return None if found is None else _row(found)


def seen(source_id: SourceId) -> Schema | None:
    """What it had when it was last looked at; None before that, and for no source."""
    kept = Source.objects.filter(id=source_id).values_list("seen", flat=True).first()
    return schema_from_json(kept) if kept else None


def target(source_id: SourceId, unseal: Unseal) -> SourceTarget | None:
    """The source with its passwords in clear: for a connection, never for a page."""
    found = Source.objects.defer("seen").filter(id=source_id).first()
    if found is None:
        return None

    def opened(sealed: bytes | memoryview | None) -> str:
        return unseal(bytes(sealed)) if sealed else ""

    return SourceTarget(
        dialect=Dialect(found.dialect),
        host=found.host,
        port=found.port,
        database=found.database,
        deploy_user=found.deploy_user,
        run_user=found.run_user,
        deploy_password=opened(found.deploy_password),
        run_password=opened(found.run_password),
        tls=Tls(found.tls),
        ca_file=found.ca_file,
        schema=found.schema,
        timeout_seconds=found.timeout_seconds,
    )


def _row(found: Source) -> SourceRow:
    return SourceRow(
        id=SourceId(found.id),
        name=found.name,
        dialect=Dialect(found.dialect),
        host=found.host,
        port=found.port,
        database=found.database,
        tls=Tls(found.tls),
        ca_file=found.ca_file,
        deploy_user=found.deploy_user,
        has_deploy_password=bool(found.deploy_password),
        run_user=found.run_user,
        has_run_password=bool(found.run_password),
        schema=found.schema,
        timeout_seconds=found.timeout_seconds,
        seen_at=found.seen_at,
        mapping=mapping_from_json(found.mapping) if found.mapping else None,
    )
