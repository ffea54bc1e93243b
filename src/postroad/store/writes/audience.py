"""Audiences: named, and deployed version by version."""

from collections.abc import Callable
from typing import Protocol

from django.db import connection, transaction

from postroad.core.audience import Definition, Routine, to_json
from postroad.core.ids import AudienceId, AudienceVersionId, CampaignId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.store.models import Audience, AudienceVersion, Campaign

from .journal import abandon_verified_runs, journal_act


class Cursor(Protocol):
    """The open transaction, for the source that deploys in it."""

    def execute(self, sql: str, /) -> object: ...


Deploy = Callable[[Cursor, Definition, AudienceId, int], Routine]
"""Compiles a version and creates its routine in the cursor's transaction."""

GONE = Gone("This audience is not there any more: go back to the list.")


def create_audience(
    name: str, definition: Definition, deploy: Deploy, actor: str
) -> Saved[AudienceId] | Refused:
    """A new audience with its version 1."""
    with transaction.atomic(durable=True):
        audience, is_new = Audience.objects.get_or_create(name=name)
        if not is_new:
            return Refused({"name": f"There is an audience called {name!r}: choose another name."})
        _deploy_next(audience, definition, deploy, actor)
    return Saved(AudienceId(audience.id))


def save_version(
    audience_id: AudienceId, definition: Definition, deploy: Deploy, actor: str
) -> Saved[AudienceVersionId] | Unchanged[AudienceVersionId] | Gone:
    """The next version beside the earlier ones, if anything changed; runs pin theirs.

    Runs of this audience that wait for launch are abandoned.
    """
    with transaction.atomic(durable=True):
        audience = Audience.objects.select_for_update().filter(id=audience_id).first()
        if audience is None:
            return GONE
        last = audience.audienceversion_set.order_by("-version").first()
        if last is not None and last.definition == to_json(definition):
            return Unchanged(AudienceVersionId(last.id))
        version = _deploy_next(audience, definition, deploy, actor)
        reason = f"The audience {audience.name!r} changed."
        abandoned = abandon_verified_runs(_campaigns_of(audience_id), actor, reason)
    return Saved(AudienceVersionId(version.id), abandoned)


def _deploy_next(
    audience: Audience, definition: Definition, deploy: Deploy, actor: str
) -> AudienceVersion:
    """The audience's row is locked, so that two savers get two numbers."""
    last = audience.audienceversion_set.order_by("-version").first()
    number = last.version + 1 if last else 1
    with connection.cursor() as cursor:
        routine = deploy(cursor, definition, AudienceId(audience.id), number)
    version = AudienceVersion.objects.create(
        audience=audience,
        version=number,
        definition=to_json(definition),
        words=routine.words,
        sql=routine.sql,
        routine=routine.name,
        deployed_by=actor,
    )
    text = f"Audience {audience.name!r}, version {number} deployed: {routine.words}."
    journal_act(
        "audience_deployed", actor, text, detail={"audience_id": audience.id, "version": number}
    )
    return version


def rename_audience(
    audience_id: AudienceId, name: str, actor: str
) -> Saved[AudienceId] | Refused | Gone:
    with transaction.atomic(durable=True):
        audience = Audience.objects.select_for_update().filter(id=audience_id).first()
        if audience is None:
            return GONE
        if Audience.objects.filter(name=name).exclude(id=audience_id).exists():
            return Refused({"name": f"There is an audience called {name!r}: choose another name."})
        before, audience.name = audience.name, name
        audience.save(update_fields=["name"])
        journal_act("audience_renamed", actor, f"Audience {before!r} is called {name!r} now.")
    return Saved(audience_id)


def _campaigns_of(audience_id: AudienceId) -> list[CampaignId]:
    campaigns = Campaign.objects.filter(audience_id=audience_id).order_by("id")
    return [CampaignId(campaign_id) for campaign_id in campaigns.values_list("id", flat=True)]
