"""Single mails that programs submit for a campaign: whether they may, and what came of them."""

import json
from typing import Any, Final, assert_never

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from postroad.core.ids import CampaignId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.web.console import figures
from postroad.web.console.links import link, pager
from postroad.web.console.request import Request
from postroad.web.console.respond import page, see_other

from .checklist import lines_of
from .editing import ACTOR, found

_EMPTY_OPEN: Final = "Publish the message above to postroad.submit: it stands here within a second."
_EMPTY_CLOSED: Final = "Open the campaign, then let your program publish to postroad.submit."


@require_GET
def mails(request: Request, campaign_id: int) -> HttpResponse:
    campaign = found(request, campaign_id)
    read = request.app.campaigns.single_mails(campaign.id, request.GET.get("cursor"))
    gaps = request.app.campaigns.gaps(campaign.id, _public_url(request)) or ()
    context = {
        "campaign": campaign,
        "gaps": lines_of(gaps, campaign),
        "takes_submissions": request.app.status.takes_submissions,
        "example": _example(request, campaign),
        "rows": read.rows,
        "total": read.total_estimate,
        "empty": _EMPTY_OPEN if campaign.is_open else _EMPTY_CLOSED,
        "pager": _pager(campaign.id, read),
    }
    return page(request, "campaign/single.html", context)


@require_POST
def open_it(request: Request, campaign_id: int) -> HttpResponse:
    outcome = request.app.campaigns.open(CampaignId(campaign_id), _public_url(request), ACTOR)
    return _after(request, campaign_id, outcome, "Open for single mails", "web:campaign-close")


@require_POST
def close(request: Request, campaign_id: int) -> HttpResponse:
    outcome = request.app.campaigns.close(CampaignId(campaign_id), ACTOR)
    return _after(request, campaign_id, outcome, "Closed for single mails", "web:campaign-open")


def _after(
    request: Request,
    campaign_id: int,
    outcome: Saved[CampaignId] | Unchanged[CampaignId] | Refused | Gone,
    said: str,
    back: str,
) -> HttpResponse:
    here = "web:campaign-single-mails"
    match outcome:
        case Saved():
            undo = reverse(back, args=[campaign_id])
            return see_other(request, here, campaign_id, toast=said, undo=undo)
        case Unchanged():
            return see_other(request, here, campaign_id, toast=f"{said}: it was so before")
        case Refused(faults):
            return see_other(request, here, campaign_id, toast=" ".join(faults.values()))
        case Gone(text):
            return see_other(request, "web:campaign-list", toast=text)
        case _:
            assert_never(outcome)


def _public_url(request: Request) -> str:
    return request.app.runs.preferences().public_url


def _example(request: Request, campaign: Any) -> str:
    """With a value for every variable that the letter uses beside our own."""
    content_id = campaign.fields.content_id
    revision = request.app.contents.latest(content_id) if content_id else None
    names = request.app.drafts.submitted_names(revision) if revision else []
    message = {
        "v": 1,
        "id": "order-1001",
        "campaign": campaign.id,
        "address": "ann@example.org",
        "name": "Ann Lee",
        "data": dict.fromkeys(names, "…"),
    }
    return json.dumps(message, indent=2, ensure_ascii=False)


def _pager(campaign_id: CampaignId, read: Any) -> dict[str, Any] | None:
    if not read.previous and not read.next:
        return None
    to = [
        link("web:campaign-single-mails", campaign_id, cursor=cursor) if cursor else ""
        for cursor in (read.previous, read.next)
    ]
    words = f"{figures.number(len(read.rows))} of {figures.number(read.total_estimate)}"
    return pager(words, *to)
