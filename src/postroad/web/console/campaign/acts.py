"""What is done to a whole campaign. Each is a POST that is safe to press twice."""

from typing import assert_never

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from postroad.core.ids import CampaignId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.web.console.request import Request
from postroad.web.console.respond import see_other

from .editing import ACTOR, after_saving


@require_POST
def archive(request: Request, campaign_id: int) -> HttpResponse:
    """At once, with an Undo. An abandoned run does not come back with it."""
    outcome = request.app.campaigns.archive(CampaignId(campaign_id), ACTOR)
    match outcome:
        case Saved(_, abandoned):
            undo = reverse("web:campaign-restore", args=[campaign_id])
            said = after_saving("Archived", abandoned)
            return see_other(request, "web:campaign-list", toast=said, undo=undo)
        case Unchanged():
            return see_other(request, "web:campaign-list", toast="It is archived already")
        case Refused(faults):
            return see_other(request, "web:campaign", campaign_id, toast=" ".join(faults.values()))
        case Gone(text):
            return see_other(request, "web:campaign-list", toast=text)
        case _:
            assert_never(outcome)


@require_POST
def restore(request: Request, campaign_id: int) -> HttpResponse:
    outcome = request.app.campaigns.restore(CampaignId(campaign_id), ACTOR)
    match outcome:
        case Saved() | Unchanged():
            return see_other(request, "web:campaign", campaign_id, toast="Back in the list")
        case Gone(text):
            return see_other(request, "web:campaign-list", toast=text)
        case _:
            assert_never(outcome)


@require_POST
def copy(request: Request, campaign_id: int) -> HttpResponse:
    outcome = request.app.campaigns.copy(CampaignId(campaign_id), ACTOR)
    match outcome:
        case Saved(made):
            return see_other(request, "web:campaign-edit", made, toast="Copied as a draft: name it")
        case Refused(faults):
            return see_other(request, "web:campaign", campaign_id, toast=" ".join(faults.values()))
        case Gone(text):
            return see_other(request, "web:campaign-list", toast=text)
        case _:
            assert_never(outcome)
