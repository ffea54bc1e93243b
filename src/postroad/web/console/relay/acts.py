"""What is done to a relay: tried, used again, made the default, deleted."""

from typing import Final, assert_never

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from postroad.core.ids import RelayId
from postroad.core.relay_check import RelayAnswers, RelayFault
from postroad.core.saved import Gone, Refused, Saved
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, see_other

from .pages import found, show

_ACTOR: Final = "manager"


@require_POST
def test(request: Request, relay_id: int) -> HttpResponse:
    """Signs in and leaves; no mail goes out and nothing is written."""
    outcome = request.app.relays.check(found(request, relay_id).id)
    match outcome:
        case RelayAnswers():
            return show(request, relay_id, answers=outcome)
        case RelayFault():
            return show(request, relay_id, refusal=outcome)
        case None:
            return see_other(request, "web:relay-list", toast="This relay is not there any more")
        case _:
            assert_never(outcome)


@require_POST
def use_again(request: Request, relay_id: int) -> HttpResponse:
    outcome = request.app.relays.use_again(RelayId(relay_id), _ACTOR)
    said = "It was in use already" if outcome.was_already else "In use again; waiting mails are due"
    return see_other(request, "web:relay-list", toast=said)


@require_POST
def make_default(request: Request, relay_id: int) -> HttpResponse:
    outcome = request.app.relays.make_default(RelayId(relay_id), _ACTOR)
    match outcome:
        case Saved():
            return see_other(request, "web:relay-list", toast="New campaigns use it from now on")
        case Gone(text):
            return see_other(request, "web:relay-list", toast=text)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, relay_id: int) -> HttpResponse:
    """Asks, since a password once deleted cannot be put back."""
    relay = found(request, relay_id)
    if request.method != "POST":
        return ask(request, "relay/delete.html", {"relay": relay})
    outcome = request.app.relays.delete(relay.id, _ACTOR)
    match outcome:
        case Saved():
            return see_other(request, "web:relay-list", toast=f"Relay {relay.name} deleted")
        case Gone(text):
            return see_other(request, "web:relay-list", toast=text)
        case Refused(faults):
            context = {"relay": relay, "fault": " ".join(faults.values())}
            return ask(request, "relay/delete.html", context, status=422)
        case _:
            assert_never(outcome)
