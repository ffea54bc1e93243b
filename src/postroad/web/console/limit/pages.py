"""Limits of lanes: the list, one lane's form, and a domain that gets a lane of its own."""

from typing import Any, Final, assert_never

from django import forms
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.saved import Refused, Saved
from postroad.web.console.forms import after_form, put_faults
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, live, page, see_other

from .forms import LimitForm, shown
from .words import limit_words

_ACTOR: Final = "manager"


@require_GET
def limits(request: Request) -> HttpResponse:
    campaigns = request.app.limits.campaigns()
    relays = request.app.relays.all()
    context = {
        **_lanes(request),
        "campaigns": [{"of": each, "words": limit_words(each.limits)} for each in campaigns],
        "relays": [{"of": each, "words": limit_words(each.limits)} for each in relays],
    }
    return page(request, "limit/list.html", context)


@require_GET
def lanes(request: Request) -> HttpResponse:
    """What lanes do now, and which are slowed down."""
    return live(request, "limit/_lanes.html", _lanes(request))


def _lanes(request: Request) -> dict[str, Any]:
    found = request.app.limits.lanes()
    return {
        "rows": [{"of": each, "words": limit_words(each.limits)} for each in found],
        "slowed": request.app.limits.slowed_lanes(),
        "with_relay": True,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def lane(request: Request, lane: str) -> HttpResponse:
    of = request.app.limits.lane(lane)
    if of is None:
        raise Http404
    form = LimitForm(posted(request), initial=shown(of.limits))
    context: dict[str, Any] = {"form": form, "lane": of}
    if not form.is_valid():
        return _form(request, context)
    outcome = request.app.limits.set_lane(of.lane, form.to_limits(), _ACTOR)
    here = "web:limit-list"
    said = "Saved; it holds from now on"
    return after_form(request, form, outcome, here, said=said, gone=here) or _form(request, context)


class DomainForm(LimitForm):
    domain = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="What follows the @ of its addresses.",
        error_messages={"required": "No domain is named: write it like example.org."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def domain(request: Request) -> HttpResponse:
    """A domain with a limit has a lane of its own."""
    form = DomainForm(posted(request))
    if not form.is_valid():
        return _form(request, {"form": form})
    typed = form.cleaned_data["domain"]
    outcome = request.app.limits.limit_domain(typed, form.to_limits(), _ACTOR)
    match outcome:
        case Saved(lane):
            said = f"{lane} has a lane of its own; its waiting mails move there"
            return see_other(request, "web:limit-list", toast=said)
        case Refused(faults):
            put_faults(form, faults)
            return _form(request, {"form": form})
        case _:
            assert_never(outcome)


def _form(request: Request, context: dict[str, Any]) -> HttpResponse:
    return form_page(request, "limit/form.html", context)
