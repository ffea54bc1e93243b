"""Relays: the list with their health, one of them, and its form."""

from dataclasses import asdict
from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.ids import RelayId
from postroad.core.relay_preset import PRESETS, preset
from postroad.core.saved import Refused, Saved
from postroad.web.console.forms import after_form, put_faults
from postroad.web.console.limit.words import limit_words
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, live, page, see_other

from .forms import RelayForm

_ACTOR: Final = "manager"
_TLS: Final = {"none": "no TLS", "starttls": "STARTTLS", "implicit": "TLS"}
_KEPT: Final = (
    *("name", "host", "port", "tls", "user", "ca_file", "per_minute", "per_day"),
    *("connections", "chunking", "at_once", "ramp_first", "ramp_percent", "lookup"),
)


@require_GET
def relays(request: Request) -> HttpResponse:
    stops = request.app.relays.stops()
    rows = [
        {"of": relay, "stop": stops.get(relay.id), "tls": _TLS[relay.tls]}
        for relay in request.app.relays.all()
    ]
    return page(request, "relay/list.html", {"rows": rows})


@require_GET
def detail(request: Request, relay_id: int) -> HttpResponse:
    return show(request, relay_id)


def show(request: Request, relay_id: int, **more: Any) -> HttpResponse:
    """The relay's page; `answers` or `refusal` is what trying it came to."""
    relay = found(request, relay_id)
    context = {
        "relay": relay,
        "tls": _TLS[relay.tls],
        "stop": request.app.relays.stops().get(relay.id),
        **_now(request, relay),
    }
    return page(request, "relay/detail.html", context | more)


@require_GET
def now(request: Request, relay_id: int) -> HttpResponse:
    """What goes through it, how much of its day is used, which lanes are slowed down."""
    return live(request, "relay/_now.html", _now(request, found(request, relay_id)))


def _now(request: Request, relay: Any) -> dict[str, Any]:
    relays = request.app.relays
    return {
        "relay": relay,
        "now": relays.now(relay.id),
        "limits": limit_words(relay.limits),
        "slowed": relays.slowed_lanes(relay.id),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """`preset` in the address fills in what a provider asks for."""
    chosen = preset(request.GET.get("preset", ""))
    initial = asdict(chosen) if chosen else {}
    form = RelayForm(posted(request), initial, has_password=False)
    context: dict[str, Any] = {"form": form, "presets": PRESETS, "preset": chosen}
    if not form.is_valid():
        return _form(request, context)
    outcome = request.app.relays.create(form.to_command(), _ACTOR)
    match outcome:
        case Saved(relay_id):
            return see_other(request, "web:relay", relay_id, toast="Relay saved. Test it now")
        case Refused(faults):
            put_faults(form, faults)
            return _form(request, context)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, relay_id: int) -> HttpResponse:
    relay = found(request, relay_id)
    if relay.is_sandbox:
        raise Http404
    kept = {name: getattr(relay, name) for name in _KEPT}
    form = RelayForm(posted(request), kept, has_password=relay.has_password)
    context: dict[str, Any] = {"form": form, "relay": relay}
    if not form.is_valid():
        return _form(request, context)
    outcome = request.app.relays.edit(relay.id, form.to_command(), _ACTOR)
    said, gone = "Relay saved. Test it now", "web:relay-list"
    return after_form(request, form, outcome, "web:relay", relay.id, said=said, gone=gone) or _form(
        request, context
    )


def found(request: Request, relay_id: int) -> Any:
    relay = request.app.relays.get(RelayId(relay_id))
    if relay is None:
        raise Http404
    return relay


def _form(request: Request, context: dict[str, Any]) -> HttpResponse:
    return form_page(request, "relay/form.html", context)
