"""Many people at once: the paste box, and a CSV file from choosing it to its bad rows."""

from dataclasses import dataclass
from typing import Any, Final, assert_never
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.actions.add_contacts import Added
from postroad.core.contact import PutCounts
from postroad.core.contact_csv import Field, GoodRow
from postroad.core.saved import Gone, Refused
from postroad.web.console import figures
from postroad.web.console.forms import put_faults
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import attachment, form_page, page, see_other
from postroad.wiring.imports import Finished, Preview

from .forms import ImportForm, PasteForm, UploadForm

_ACTOR: Final = "manager"
_WORDS: Final = {
    Field.ADDRESS: "E-mail",
    Field.NAME: "Name",
    Field.FIRST_NAME: "First name",
    Field.LAST_NAME: "Last name",
    Field.COMPANY: "Company",
    Field.ZONE: "Time zone",
    Field.TAGS: "Tags",
}


@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: Request) -> HttpResponse:
    form = PasteForm(posted(request))
    if not form.is_valid():
        return _box(request, form)
    outcome = request.app.contacts.add(*form.to_command(), _ACTOR)
    match outcome:
        case Refused(faults):
            put_faults(form, faults)
            return _box(request, form)
        case Added(counts, (), _):
            return see_other(request, "web:contact-list", toast=_said(counts))
        case Added(counts, bad, rest):
            left = PasteForm(initial={"text": rest, "tags": form.cleaned_data["tags"]})
            return _box(request, left, counts=counts, bad=bad)
        case _:
            assert_never(outcome)


def _box(request: Request, form: PasteForm, **more: Any) -> HttpResponse:
    context = {"form": form, "tags": request.app.contacts.tags()}
    return form_page(request, "contact/paste.html", context | more)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: Request) -> HttpResponse:
    form = UploadForm(posted(request), request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return form_page(request, "contact/import.html", {"form": form})
    file: UploadedFile[bytes] = form.cleaned_data["file"]
    key = request.app.imports.keep(file.chunks(), file.name or "")
    looked = request.app.imports.preview(key)
    if isinstance(looked, Preview):
        return see_other(request, "web:contact-columns", key)
    request.app.imports.forget(key)
    put_faults(form, looked.faults if isinstance(looked, Refused) else {"file": looked.text})
    return page(request, "contact/import.html", {"form": form}, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: Request, key: UUID) -> HttpResponse:
    """GET shows what each column becomes and writes nothing; POST imports."""
    form = ImportForm(posted(request))
    if not form.is_valid():
        return _columns(request, key, form)
    outcome = request.app.imports.run(key, form.to_command(), _ACTOR)
    match outcome:
        case Finished():
            return see_other(request, "web:contact-imported", key)
        case Gone(text):
            return see_other(request, "web:contact-import", toast=text)
        case Refused(faults):
            put_faults(form, faults)
            return _columns(request, key, form)
        case _:
            assert_never(outcome)


def _columns(request: Request, key: UUID, form: ImportForm) -> HttpResponse:
    looked = request.app.imports.preview(key)
    if not isinstance(looked, Preview):
        if request.app.imports.finished(key):
            return see_other(request, "web:contact-imported", key)
        raise Http404
    context = {
        "key": key,
        "form": form,
        "file": looked,
        "columns": _become(looked),
        "attributes": [name for name in looked.layout.columns if not isinstance(name, Field)],
        "rows": [{"of": row, "contact": getattr(row, "contact", None)} for row in looked.rows],
        "tags": request.app.contacts.tags(),
    }
    return form_page(request, "contact/columns.html", context)


@require_GET
def result(request: Request, key: UUID) -> HttpResponse:
    done = request.app.imports.finished(key)
    if done is None:
        raise Http404
    return page(request, "contact/imported.html", {"key": key, "done": done})


@require_GET
def bad_rows(request: Request, key: UUID) -> HttpResponse:
    body = request.app.imports.bad_file(key)
    if body is None:
        raise Http404
    return attachment(body, "bad-rows.csv", "text/csv; charset=utf-8")


@dataclass(frozen=True, slots=True)
class Column:
    """`word` is what it becomes: a field, or, `is_attribute`, a variable of that name."""

    header: str
    word: str
    is_attribute: bool
    example: str


def _become(looked: Preview) -> list[Column]:
    first = next((row.contact for row in looked.rows if isinstance(row, GoodRow)), None)
    found: list[Column] = []
    for header, column in zip(looked.layout.headers, looked.layout.columns, strict=True):
        if not isinstance(column, Field):
            example = first.attributes.get(column, "") if first else ""
            found.append(Column(header, column, is_attribute=True, example=example))
            continue
        example = _value(first, column) if first else ""
        found.append(Column(header, _WORDS[column], is_attribute=False, example=example))
    return found


def _value(contact: Any, field: Field) -> str:
    match field:
        case Field.ADDRESS:
            return str(contact.address.address)
        case Field.TAGS:
            return ", ".join(contact.tags)
        case _:
            return str(getattr(contact, field.value))


def _said(counts: PutCounts) -> str:
    said = f"{figures.counted(counts.added, 'contact')} added"
    if counts.updated:
        said += f", {figures.number(counts.updated)} updated"
    if counts.unchanged:
        said += f", {figures.number(counts.unchanged)} known and unchanged"
    return said
