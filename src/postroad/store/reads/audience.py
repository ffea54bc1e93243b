"""Audiences, their versions, and the people a version chooses now."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Prefetch

from postroad.core.audience import Definition, from_json
from postroad.core.ids import AudienceId, AudienceVersionId
from postroad.store.models import Audience, AudienceVersion


@dataclass(frozen=True, slots=True)
class VersionRow:
    id: AudienceVersionId
    audience_id: AudienceId
    version: int
    definition: Definition
    words: str
    sql: str
    routine: str
    deployed_at: datetime
    deployed_by: str


@dataclass(frozen=True, slots=True)
class AudienceRow:
    """`versions` newest first; there is always one."""

    id: AudienceId
    name: str
    versions: tuple[VersionRow, ...]

    @property
    def latest(self) -> VersionRow:
        return self.versions[0]


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """What a version chooses now. `mailable`: each address once, less the suppressed."""

    people: int
    mailable: int
    suppressed: int


def audiences() -> list[AudienceRow]:
    """All by name, the versions of each newest first; two queries."""
    versions = Prefetch("audienceversion_set", AudienceVersion.objects.order_by("-version"))
    return [
        _row(audience) for audience in Audience.objects.prefetch_related(versions).order_by("name")
    ]


def audience(audience_id: AudienceId) -> AudienceRow | None:
    versions = Prefetch("audienceversion_set", AudienceVersion.objects.order_by("-version"))
    found = Audience.objects.prefetch_related(versions).filter(id=audience_id).first()
    return None if found is None else _row(found)


def _row(found: Audience) -> AudienceRow:
    versions = tuple(_version(version) for version in found.audienceversion_set.all())
    return AudienceRow(AudienceId(found.id), found.name, versions)


def _version(version: AudienceVersion) -> VersionRow:
    return VersionRow(
        AudienceVersionId(version.id),
        AudienceId(version.audience_id),
        version.version,
        from_json(version.definition),
        version.words,
        version.sql,
        version.routine,
        version.deployed_at,
        version.deployed_by,
    )


def count(version_id: AudienceVersionId) -> AudienceCount | None:
    """Runs the routine; a million contacts take a second or two, so not for a poll."""
    routine = (
        AudienceVersion.objects.filter(id=version_id).values_list("routine", flat=True).first()
    )
    if routine is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM count_audience(%s)", [routine])
        people, mailable, suppressed = cursor.fetchone()
    return AudienceCount(people, mailable, suppressed)
