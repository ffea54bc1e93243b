"""What is done to chosen people. At once, with an Undo where that is possible."""

from typing import Final, assert_never

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from postroad.actions.tag_contacts import Tagged
from postroad.core.contact import DeletedContacts
from postroad.core.ids import ContactId
from postroad.core.saved import Refused
from postroad.web.console import figures
from postroad.web.console.links import back_to, link, numbers_in
from postroad.web.console.request import Request
from postroad.web.console.respond import see_other

from .pages import show

_ACTOR: Final = "manager"
_DELETED: Final = "deleted_contacts"


@require_POST
def tag(request: Request) -> HttpResponse:
    outcome = request.app.contacts.tag(_chosen(request), _tag(request), _ACTOR)
    return _tagged(request, outcome, "tagged", "web:contact-untag")


@require_POST
def untag(request: Request) -> HttpResponse:
    outcome = request.app.contacts.untag(_chosen(request), _tag(request), _ACTOR)
    return _tagged(request, outcome, "no longer tagged", "web:contact-tag")


def _tagged(request: Request, outcome: Tagged | Refused, word: str, opposite: str) -> HttpResponse:
    match outcome:
        case Refused(faults):
            return show(request, fault=" ".join(faults.values()), status=422)
        case Tagged(name, changed):
            back = back_to(request, "web:contact-list")
            undo = link(opposite, name=name, of=changed, back=back) if changed else ""
            said = f"{figures.counted(len(changed), 'contact')} {word} “{name}”"
            return see_other(request, back, toast=said, undo=undo)
        case _:
            assert_never(outcome)


@require_POST
def delete(request: Request) -> HttpResponse:
    outcome = request.app.contacts.delete(_chosen(request), _ACTOR)
    match outcome:
        case Refused(faults):
            return show(request, fault=" ".join(faults.values()), status=422)
        case DeletedContacts(count, snapshot):
            # Until the next deletion, or until the session ends.
            request.session[_DELETED] = snapshot
            said = f"{figures.counted(count, 'contact')} deleted"
            undo = link("web:contact-restore") if count else ""
            return see_other(request, back_to(request, "web:contact-list"), toast=said, undo=undo)
        case _:
            assert_never(outcome)


@require_POST
def restore(request: Request) -> HttpResponse:
    snapshot = request.session.pop(_DELETED, "[]")
    count = request.app.contacts.restore(DeletedContacts(0, snapshot), _ACTOR)
    said = (
        f"{figures.counted(count, 'contact')} put back" if count else "Nobody is left to put back"
    )
    return see_other(request, "web:contact-list", toast=said)


@require_POST
def to_audience(request: Request) -> HttpResponse:
    """The chosen into the form of a new audience; nothing is made yet."""
    return see_other(request, link("web:audience-new", of=_chosen(request)))


@require_POST
def to_suppressions(request: Request) -> HttpResponse:
    """The chosen into the box of suppressions; nothing is done yet."""
    return see_other(request, link("web:suppression-new", of=_chosen(request)))


def _chosen(request: Request) -> list[ContactId]:
    """From the list's boxes, or from the address of an Undo."""
    return [ContactId(n) for query in (request.POST, request.GET) for n in numbers_in(query)]


def _tag(request: Request) -> str:
    return (request.POST.get("name") or request.GET.get("name", "")).replace("\0", "")
