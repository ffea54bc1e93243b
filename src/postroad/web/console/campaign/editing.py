"""The form of a campaign, new or changed."""

from typing import Any, Final, assert_never

from django.forms import Form
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from postroad.core.ids import CampaignId
from postroad.core.saved import Refused, Saved
from postroad.web.console import figures
from postroad.web.console.forms import Outcome, after_form, put_faults
from postroad.web.console.links import numbers_in
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, see_other

from .forms import CampaignForm, Choices, shown

ACTOR: Final = "manager"


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The sender is that of the preferences; `content` and `audience` in the address choose."""
    ours = request.app.runs.preferences()
    initial = {"sender_name": ours.sender_name, "sender_address": ours.sender_address}
    chosen = {name: next(iter(numbers_in(request.GET, name)), None) for name in _CHOSEN}
    form = _form(request, initial | chosen)
    if not form.is_valid():
        return _show(request, form)
    outcome = request.app.campaigns.create(form.to_command(), ACTOR)
    match outcome:
        case Saved(campaign_id):
            return see_other(request, "web:campaign", campaign_id, toast="Draft saved")
        case Refused(faults):
            put_faults(form, faults)
            return _show(request, form)
        case _:
            assert_never(outcome)


_CHOSEN: Final = ("audience", "content")


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, campaign_id: int) -> HttpResponse:
    campaign = found(request, campaign_id)
    form = _form(request, shown(campaign.fields))
    if not form.is_valid():
        return _show(request, form, campaign)
    outcome = request.app.campaigns.edit(campaign.id, form.to_command(), ACTOR)
    return after_change(request, campaign.id, form, outcome) or _show(request, form, campaign)


def after_change(
    request: Request, campaign_id: int, form: Form, outcome: Outcome
) -> HttpResponse | None:
    """Where a changed campaign leads; None: it was refused, and the faults are on the form."""
    said = after_saving("Saved", outcome.abandoned if isinstance(outcome, Saved) else 0)
    return after_form(
        request, form, outcome, "web:campaign", campaign_id, said=said, gone="web:campaign-list"
    )


def found(request: Request, campaign_id: int) -> Any:
    campaign = request.app.campaigns.get(CampaignId(campaign_id))
    if campaign is None:
        raise Http404
    return campaign


def after_saving(said: str, abandoned: int) -> str:
    """With what the act did to runs that waited for launch."""
    if not abandoned:
        return said
    runs = "The verified run was" if abandoned == 1 else f"{figures.number(abandoned)} runs were"
    return f"{said}. {runs} abandoned: verify again"


def _form(request: Request, initial: dict[str, Any]) -> CampaignForm:
    app = request.app
    choices: dict[str, Choices] = {
        "audience": [
            (each.id, f"{each.name} (v{each.latest.version})") for each in app.audiences.all()
        ],
        "content": [(each.id, f"{each.name} (r{each.number})") for each in app.contents.all()],
        "relay": [(each.id, each.name) for each in app.relays.all()],
    }
    default = app.relays.default()
    return CampaignForm(posted(request), choices, default.name if default else "", initial)


def _show(request: Request, form: CampaignForm, campaign: Any = None) -> HttpResponse:
    context = {"form": form, "campaign": campaign, "ours": request.app.runs.preferences()}
    return form_page(request, "campaign/form.html", context)
