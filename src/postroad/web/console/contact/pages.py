"""The book of people: the list, one person, and the form of one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.address import parse_address
from postroad.core.ids import ContactId
from postroad.core.saved import Gone, Refused, Saved
from postroad.web.console import bars
from postroad.web.console.forms import put_faults
from postroad.web.console.links import link, numbers_in, pager
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, page, see_other

from .forms import BLANK_ROWS, AttributeRow, PersonForm, typed_attributes

_ACTOR: Final = "manager"
_PERSON: Final = ("address", "name", "first_name", "last_name", "company", "zone")


@require_GET
def contacts(request: Request) -> HttpResponse:
    return show(request)


def show(request: Request, *, fault: str = "", status: int = 200) -> HttpResponse:
    """The list as the address asks for it; `fault` says why an act was refused."""
    search, tag = (request.GET.get(name, "").replace("\0", "").strip() for name in ("q", "tag"))
    found = request.app.contacts.page(request.GET.get("cursor"), search, tag)
    at = {"q": search, "tag": tag}
    names = [row.last_name or row.name or row.address for row in found.rows]
    context = {
        "rows": found.rows,
        "search": search,
        "tag": tag,
        "tags": request.app.contacts.tags(),
        "total": found.total_estimate,
        "here": request.get_full_path() if request.method == "GET" else link("web:contact-list"),
        "fault": fault,
        "pager": pager(
            f"{names[0]} to {names[-1]}" if len(names) > 1 else "".join(names),
            link("web:contact-list", **at, cursor=found.previous) if found.previous else "",
            link("web:contact-list", **at, cursor=found.next) if found.next else "",
        ),
    }
    return page(request, "contact/list.html", context, status=status)


@require_GET
def detail(request: Request, contact_id: int) -> HttpResponse:
    person = request.app.contacts.detail(ContactId(contact_id))
    if person is None:
        raise Http404
    address = parse_address(person.row.address)
    address_hash = getattr(address, "hash", b"")
    before = next(iter(numbers_in(request.GET, "before")), None)
    context = {
        "person": person.row,
        "book": person,
        "attributes": sorted(person.attributes.items()),
        "suppression": request.app.suppressions.find_hash(address_hash),
        "road": request.app.mails.road(address_hash, person.row.address, before),
        "tones": bars.TONES,
        "here": request.path,
    }
    return page(request, "contact/detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    form = PersonForm(posted(request))
    rows = typed_attributes(request.POST)
    if not _is_sound(form, rows):
        return _form(request, form, rows)
    outcome = request.app.contacts.create(form.to_command(_values(rows)), _ACTOR)
    match outcome:
        case Saved(contact_id):
            return see_other(request, "web:contact", contact_id, toast="Contact added")
        case Refused(faults):
            put_faults(form, _of_form(faults))
            return _form(request, form, _with_faults(rows, faults))
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, contact_id: int) -> HttpResponse:
    person = request.app.contacts.detail(ContactId(contact_id))
    if person is None:
        raise Http404
    kept = {name: getattr(person.row, name) for name in _PERSON}
    form = PersonForm(posted(request), initial=kept | {"tags": ", ".join(person.row.tags)})
    rows = typed_attributes(request.POST)
    if request.method != "POST":
        rows = [AttributeRow(name, text) for name, text in sorted(person.attributes.items())]
    if not _is_sound(form, rows):
        return _form(request, form, rows, person.row)
    outcome = request.app.contacts.edit(
        ContactId(contact_id), form.to_command(_values(rows)), _ACTOR
    )
    match outcome:
        case Saved():
            return see_other(request, "web:contact", contact_id, toast="Contact saved")
        case Gone(text):
            return see_other(request, "web:contact-list", toast=text)
        case Refused(faults):
            put_faults(form, _of_form(faults))
            return _form(request, form, _with_faults(rows, faults), person.row)
        case _:
            assert_never(outcome)


def _is_sound(form: PersonForm, rows: Sequence[AttributeRow]) -> bool:
    return form.is_valid() and not any(row.fault for row in rows)


def _values(rows: Sequence[AttributeRow]) -> dict[str, str]:
    return {row.name: row.text for row in rows}


def _of_form(faults: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in faults.items() if not name.startswith("attributes.")}


def _with_faults(rows: Sequence[AttributeRow], faults: Mapping[str, str]) -> list[AttributeRow]:
    return [replace(row, fault=faults.get(f"attributes.{row.name}", "")) for row in rows]


def _form(
    request: Request, form: PersonForm, rows: Sequence[AttributeRow], person: Any = None
) -> HttpResponse:
    context = {
        "form": form,
        "person": person,
        "attributes": [*rows, *[AttributeRow("", "")] * BLANK_ROWS],
        "has_fault": any(row.fault for row in rows),
        "known_attributes": request.app.contacts.attribute_names(),
        "tags": request.app.contacts.tags(),
        "zones": request.app.set_for_all.zones,
    }
    return form_page(request, "contact/form.html", context)
