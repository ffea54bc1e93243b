"""Campaigns: the list, and one with all that is missing and all that was."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from postroad.actions.preview_mail import NotMade, Shown
from postroad.core.campaign import Severity
from postroad.core.ids import AudienceVersionId
from postroad.web.console.request import Request
from postroad.web.console.respond import page
from postroad.wiring.campaigning import setting_of

from .checklist import lines_of
from .editing import found
from .funnel import funnel_of
from .sending import sending_words
from .stations import Overview, stations


@require_GET
def campaigns(request: Request) -> HttpResponse:
    with_archived = "archived" in request.GET
    rows = request.app.campaigns.all(with_archived=with_archived)
    return page(request, "campaign/list.html", {"rows": rows, "with_archived": with_archived})


@require_GET
def detail(request: Request, campaign_id: int) -> HttpResponse:
    campaign = found(request, campaign_id)
    public_url = request.app.runs.preferences().public_url
    checked = request.app.campaigns.check(campaign.id, public_url)
    runs = request.app.campaigns.runs(campaign.id)
    revision = _revision(request, campaign)
    checks = [*checked.checks, *_notes(request, campaign, revision)] if checked else []
    seen = Overview(campaign, checked, runs[0] if runs else None, revision)
    context = {
        "campaign": campaign,
        "stations": stations(seen),
        "red": checked.red if checked else (),
        "checks": lines_of(checks, campaign),
        "to_read": sum(check.severity is Severity.YELLOW for check in checks),
        "funnel": funnel_of(checked),
        "runs": runs,
        "latest": seen.latest,
        "revision": revision,
        "sending": sending_words(request, campaign),
        **_arrives(request, campaign, checked, revision),
    }
    return page(request, "campaign/detail.html", context)


def _revision(request: Request, campaign: Any) -> Any:
    """What Verify would pin now, None where no content is chosen."""
    content_id = campaign.fields.content_id
    return None if content_id is None else request.app.contents.latest(content_id)


def _notes(request: Request, campaign: Any, revision: Any) -> list[Any]:
    if revision is None:
        return []
    return request.app.drafts.notes(revision, is_bulk=not campaign.fields.is_personal)


def _arrives(request: Request, campaign: Any, checked: Any, revision: Any) -> dict[str, Any]:
    """The mail of the first whom the audience chooses; nothing where that is nobody."""
    version = checked.pins.audience_version_id if checked else 0
    sample = request.app.audiences.sample(AudienceVersionId(version)) if version else []
    person = request.app.drafts.person(sample[0].contact_id) if sample else None
    if person is None or revision is None:
        return {}
    made = request.app.drafts.preview(revision, person, setting_of(campaign.fields))
    return {
        "person": person,
        "arrives": made if isinstance(made, Shown) else None,
        "not_made": made if isinstance(made, NotMade) else None,
    }
