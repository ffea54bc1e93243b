"""How a campaign goes out: relays with their shares, urgency, its own limits."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from postroad.core.ids import RelayId
from postroad.core.sending import RelayShare, SendingPlan, Urgency, share_field
from postroad.web.console.limit.forms import LimitForm, digits, shown
from postroad.web.console.limit.words import limit_words
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page

from .editing import ACTOR, after_change, found


class SendingForm(LimitForm):
    """A field a relay, by `share_field`; empty is not used."""

    urgency = forms.ChoiceField(
        choices=[
            (Urgency.BY_KIND, "By its kind"),
            (Urgency.URGENT, "Urgent"),
            (Urgency.ORDINARY, "In turn"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how urgent it is."},
    )

    def __init__(self, data: Any, relays: Sequence[Any], plan: SendingPlan) -> None:
        weights = {share_field(share.relay_id): share.weight for share in plan.shares}
        super().__init__(data, initial=shown(plan.limits) | weights | {"urgency": plan.urgency})
        self.relays = relays
        for relay in relays:
            self.fields[share_field(relay.id)] = _share(relay)

    def shares(self) -> list[forms.BoundField]:
        return [self[share_field(relay.id)] for relay in self.relays]

    def to_command(self) -> SendingPlan:
        typed = self.cleaned_data
        weights = [(relay.id, typed[share_field(relay.id)]) for relay in self.relays]
        kept = [RelayShare(RelayId(key), weight) for key, weight in weights if weight is not None]
        shares = tuple(sorted(kept, key=lambda share: share.relay_id))
        return SendingPlan(shares, Urgency(typed["urgency"]), self.to_limits())


def _share(relay: Any) -> forms.IntegerField:
    fault = {"invalid": "Write a number, 0 for a reserve, or leave it empty."}
    return forms.IntegerField(
        label=relay.name, required=False, widget=digits(), error_messages=fault
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sending(request: Request, campaign_id: int) -> HttpResponse:
    campaign = found(request, campaign_id)
    plan = _plan(request, campaign)
    form = SendingForm(posted(request), request.app.relays.all(), plan)
    if not form.is_valid():
        return _show(request, form, campaign)
    outcome = request.app.campaigns.plan(campaign.id, form.to_command(), ACTOR)
    return after_change(request, campaign.id, form, outcome) or _show(request, form, campaign)


def _show(request: Request, form: SendingForm, campaign: Any) -> HttpResponse:
    default = request.app.relays.default()
    context = {
        "form": form,
        "campaign": campaign,
        "relay_name": campaign.relay_name or (default.name if default else "no relay yet"),
    }
    return form_page(request, "campaign/sending.html", context)


def _plan(request: Request, campaign: Any) -> SendingPlan:
    return request.app.campaigns.sending(campaign.id) or SendingPlan()


def sending_words(request: Request, campaign: Any) -> dict[str, Any]:
    """The plan as its card on the campaign's page says it."""
    plan = _plan(request, campaign)
    names = {relay.id: relay.name for relay in request.app.relays.all()}
    whole = sum(share.weight for share in plan.shares)
    default = request.app.relays.default()
    return {
        "shares": [
            {"name": names.get(share.relay_id, ""), "weight": share.weight, "whole": whole}
            for share in sorted(plan.shares, key=lambda share: -share.weight)
        ],
        "relay": campaign.relay_name or (default.name if default else ""),
        "is_urgent": plan.urgency.is_urgent(is_personal=campaign.fields.is_personal),
        "limits": limit_words(plan.limits),
    }
