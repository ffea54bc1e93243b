"""Audiences: the list, one with its versions and people, and the form of both."""

from collections.abc import Callable
from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.address import BadAddress, parse_address
from postroad.core.audience import Definition, Everyone, HandPicked, Tagged
from postroad.core.ids import AudienceId
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.web.console import figures
from postroad.web.console.forms import put_faults
from postroad.web.console.links import numbers_in
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, live, page, see_other

from .forms import AudienceForm

_ACTOR: Final = "manager"


@require_GET
def audiences(request: Request) -> HttpResponse:
    """Counts come one by one, each as a fragment of its own: counting a million takes a second."""
    return page(request, "audience/list.html", {"rows": request.app.audiences.all()})


@require_GET
def count(request: Request, audience_id: int) -> HttpResponse:
    """Whom the latest version chooses now."""
    latest = _found(request, audience_id).latest
    context = {"count": request.app.audiences.count(latest.id)}
    return live(request, "audience/_count.html", context)


@require_GET
def detail(request: Request, audience_id: int) -> HttpResponse:
    found = _found(request, audience_id)
    context = {
        "audience": found,
        "latest": found.latest,
        "count": request.app.audiences.count(found.latest.id),
        "sample": request.app.audiences.sample(found.latest.id),
    }
    return page(request, "audience/detail.html", context | _why(request, found))


def _why(request: Request, found: Any) -> dict[str, Any]:
    """The answer to "why is X not in?" for the address that is asked about."""
    asked = request.GET.get("address", "").strip()
    if not asked:
        return {}
    parsed = parse_address(asked)
    if isinstance(parsed, BadAddress):
        return {"asked": asked, "asked_fault": f"This {parsed.text}"}
    return {"asked": asked, "member": request.app.audiences.membership(found.latest.id, parsed.key)}


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """`of` in the address picks contacts that were chosen in their list."""
    chosen = request.app.picked.addresses_of(numbers_in(request.GET))
    initial = {"kind": "hand_picked", "people": "\n".join(chosen)} if chosen else {}
    form = _form_of(request, initial)
    definition = _definition(request, form)
    if definition is None:
        return _form(request, form)
    outcome = request.app.audiences.create(form.cleaned_data["name"], definition, _ACTOR)
    match outcome:
        case Saved(audience_id):
            return see_other(request, "web:audience", audience_id, toast="Version 1 deployed")
        case Refused(faults):
            return _form(request, form, faults)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, audience_id: int) -> HttpResponse:
    """The next version; `from` in the address begins with an older one."""
    found = _found(request, audience_id)
    wanted = next(iter(numbers_in(request.GET, "from")), found.latest.version)
    version = next((one for one in found.versions if one.version == wanted), found.latest)
    form = _form_of(request, {"name": found.name} | _shown(request, version.definition))
    definition = _definition(request, form)
    if definition is None:
        return _form(request, form, audience=found)
    renamed = request.app.audiences.rename(found.id, form.cleaned_data["name"], _ACTOR)
    if isinstance(renamed, Refused):
        return _form(request, form, renamed.faults, found)
    outcome = request.app.audiences.deploy(found.id, definition, _ACTOR)
    match outcome:
        case Saved(_, abandoned):
            said = f"Version {found.latest.version + 1} deployed"
            if abandoned:
                said += f"; {figures.counted(abandoned, 'verified run')} abandoned, verify again"
            return see_other(request, "web:audience", found.id, toast=said)
        case Unchanged():
            return see_other(
                request, "web:audience", found.id, toast="Saved; the people are as before"
            )
        case Gone(text):
            return see_other(request, "web:audience-list", toast=text)
        case Refused(faults):
            return _form(request, form, faults, found)
        case _:
            assert_never(outcome)


def _found(request: Request, audience_id: int) -> Any:
    found = request.app.audiences.get(AudienceId(audience_id))
    if found is None:
        raise Http404
    return found


def _form_of(request: Request, initial: dict[str, Any]) -> AudienceForm:
    """With the tags there are, and those of an older version that nobody has any more."""
    names = [tag.name for tag in request.app.contacts.tags()]
    known = dict.fromkeys([*names, *initial.get("tags", ())])
    return AudienceForm(posted(request), list(known), initial)


def _definition(request: Request, form: AudienceForm) -> Definition | None:
    """None where the form has faults, which it then shows."""
    if not form.is_valid():
        return None
    wanted = form.to_command(request.app.picked.read)
    if isinstance(wanted, Refused):
        put_faults(form, wanted.faults)
        return None
    return wanted


def _shown(request: Request, definition: Definition) -> dict[str, Any]:
    """A definition as the form has it."""
    match definition:
        case Everyone():
            return {"kind": "everyone"}
        case Tagged(names):
            return {"kind": "tagged", "tags": list(names)}
        case HandPicked(contact_ids):
            people = request.app.picked.addresses_of(contact_ids)
            return {"kind": "hand_picked", "people": "\n".join(people)}
        case _:
            assert_never(definition)


_FIELD_OF: Final[dict[str, Callable[[AudienceForm], str]]] = {
    "definition": lambda form: {"tagged": "tags", "hand_picked": "people"}.get(
        form.cleaned_data["kind"], "kind"
    )
}


def _form(
    request: Request, form: AudienceForm, faults: Any = None, audience: Any = None
) -> HttpResponse:
    placed = {
        (_FIELD_OF[name](form) if name in _FIELD_OF else name): text
        for name, text in (faults or {}).items()
    }
    put_faults(form, placed)
    context = {"form": form, "audience": audience, "tags": request.app.contacts.tags()}
    return form_page(request, "audience/form.html", context)
