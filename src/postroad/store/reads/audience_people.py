"""The people whom a deployed version chooses now: a few of them, or one in question."""

from dataclasses import dataclass

from django.db import connection

from postroad.core.address import hash_of
from postroad.core.ids import AudienceVersionId, ContactId
from postroad.core.suppression import Reason
from postroad.store.models import AudienceVersion, Contact, Suppression

SAMPLE_SIZE = 20


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """`suppressed` is why they are not written to, None = may be mailed."""

    contact_id: ContactId
    address: str
    name: str
    suppressed: Reason | None


@dataclass(frozen=True, slots=True)
class Membership:
    """The three things that decide whether one address gets a mail of this version."""

    contact_id: ContactId | None
    is_chosen: bool
    suppressed: Reason | None

    @property
    def is_mailed(self) -> bool:
        return self.is_chosen and self.suppressed is None


def sample(version_id: AudienceVersionId) -> list[SamplePerson]:
    """The first of them, in the order of the routine."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.* FROM audience_version v, sample_audience(v.routine, %s) s WHERE v.id = %s",
            [SAMPLE_SIZE, version_id],
        )
        return [
            SamplePerson(ContactId(int(key)), address, name, Reason(reason) if reason else None)
            for key, address, name, reason in cursor
        ]


def membership(version_id: AudienceVersionId, address_key: str) -> Membership:
    person = Contact.objects.filter(address_key=address_key).values_list("id", flat=True).first()
    reasons = Suppression.objects.filter(hash=hash_of(address_key)).values_list("reason", flat=True)
    reason = reasons.first()
    return Membership(
        None if person is None else ContactId(person),
        _is_chosen(version_id, address_key),
        Reason(reason) if reason else None,
    )


def _is_chosen(version_id: AudienceVersionId, address_key: str) -> bool:
    routine = AudienceVersion.objects.filter(id=version_id).values_list("routine", flat=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT audience_has(%s, %s)", [routine.get(), address_key])
        return bool(cursor.fetchone()[0])
