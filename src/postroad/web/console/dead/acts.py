"""What is decided about dead letters. Safe to press twice."""

from typing import assert_never
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from postroad.actions.requeue_dead import Requeued
from postroad.core.dead_letter import Discarded, Group, Letter, advice_on, parse_letters
from postroad.core.lifecycle import DeliveryState
from postroad.core.saved import Refused
from postroad.web.console import figures
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, see_other

from .pages import show
from .shown import shown_of, url_of

_ACTOR = "manager"


@require_POST
def requeue(request: Request) -> HttpResponse:
    letters = parse_letters(request.POST.getlist("of"))
    return _requeued(request, request.app.attention.requeue(letters, _ACTOR), letters)


@require_POST
def discard(request: Request) -> HttpResponse:
    letters = parse_letters(request.POST.getlist("of"))
    return _discarded(request, request.app.attention.discard(letters, _ACTOR), letters)


@require_http_methods(["GET", "HEAD", "POST"])
def requeue_group(request: Request) -> HttpResponse:
    """Asks, since mail once requeued goes out."""
    group = _group(request)
    if request.method == "POST":
        return _requeued(request, request.app.attention.requeue(group, _ACTOR), [])
    waiting = request.app.attention.count(DeliveryState.DEAD, group.run_id, group.cause)
    context = {"group": group, "count": waiting.count, "advice": advice_on(group.cause)}
    return ask(request, "dead/requeue_group.html", context)


@require_POST
def discard_group(request: Request) -> HttpResponse:
    return _discarded(request, request.app.attention.discard(_group(request), _ACTOR), [])


@require_POST
def undo(request: Request) -> HttpResponse:
    """Takes one discarding back; its place in the journal is in the address."""
    places = [request.GET.get(name, "") for name in ("after", "upto")]
    if not all(place.isascii() and place.isdecimal() and len(place) < 19 for place in places):
        raise Http404
    count = request.app.attention.undo_discard(Discarded(0, *map(int, places)), _ACTOR)
    return see_other(request, "web:dead-list", toast=f"{_letters(count)} open again")


def _requeued(request: Request, outcome: Requeued | Refused, letters: list[Letter]) -> HttpResponse:
    match outcome:
        case Refused(faults):
            return show(request, shown_of(request.POST), fault=faults[""], status=422)
        case Requeued(count, already, stopped, gone):
            said = f"{_letters(count)} requeued: the same bytes go out again"
            if not count and already:
                said = "They were requeued or settled before: nothing is done twice"
            if stopped:
                said += f"; {figures.number(stopped)} of a stopped run stay dead"
            if gone:
                said += f"; {figures.number(gone)} stay dead, their mails are no longer kept"
            return see_other(request, _back(request, letters), toast=said)
        case _:
            assert_never(outcome)


def _discarded(
    request: Request, outcome: Discarded | Refused, letters: list[Letter]
) -> HttpResponse:
    match outcome:
        case Refused(faults):
            return show(request, shown_of(request.POST), fault=faults[""], status=422)
        case Discarded(count, after, upto):
            undo = reverse("web:dead-undo") + "?" + urlencode({"after": after, "upto": upto})
            said = f"{_letters(count)} discarded"
            back = _back(request, letters)
            return see_other(request, back, toast=said, undo=undo if count else "")
        case _:
            assert_never(outcome)


def _back(request: Request, letters: list[Letter]) -> str:
    """The mail's own page when the act was pressed there, else the list as it was."""
    if request.POST.get("back") == "mail" and len(letters) == 1:
        return reverse("web:delivery", args=[letters[0].run_id, letters[0].n])
    shown = shown_of(request.POST)
    return url_of(shown.shelf, shown.group)


def _group(request: Request) -> Group:
    asked = request.POST if request.method == "POST" and "run" in request.POST else request.GET
    group = shown_of(asked).group
    if group is None:
        raise Http404
    return group


def _letters(count: int) -> str:
    return f"{figures.number(count)} dead letter{'' if count == 1 else 's'}"
