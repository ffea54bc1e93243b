"""Sources: the list, one of them, its form, and the SQL for its accounts."""

from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.contact import text_fault
from postroad.core.ids import SourceId
from postroad.core.saved import Refused, Saved
from postroad.core.source.connection import Tls
from postroad.web.console.forms import after_form, put_faults
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, page, see_other

from .forms import SourceForm

_ACTOR: Final = "manager"
TLS_WORDS: Final = {
    Tls.NONE: "no TLS",
    Tls.ENCRYPTED: "TLS, certificate not checked",
    Tls.VERIFIED: "TLS, certificate checked",
}
_KEPT: Final = (
    *("name", "dialect", "host", "port", "database", "tls", "ca_file", "deploy_user", "run_user"),
    *("schema", "timeout_seconds"),
)


@require_GET
def sources(request: Request) -> HttpResponse:
    return page(request, "source/list.html", {"rows": request.app.sources.all()})


@require_GET
def detail(request: Request, source_id: int) -> HttpResponse:
    return show(request, source_id)


def show(request: Request, source_id: int, **more: Any) -> HttpResponse:
    """The source's page; `answers`, `diagnoses` or `refreshed` is what was just done."""
    source = found(request, source_id)
    seen = request.app.sources.seen(source.id)
    context = {
        "source": source,
        "tls": TLS_WORDS[source.tls],
        "tables": len(seen.tables) if seen else None,
        "roles": _roles(source.mapping),
    }
    return page(request, "source/detail.html", context | more)


def _roles(mapping: Any) -> list[tuple[str, str]]:
    """What a person's columns are, for reading."""
    if mapping is None:
        return []
    words = (
        ("Key", mapping.key), ("E-mail", mapping.address), ("Whole name", mapping.name),
        ("First name", mapping.first_name), ("Last name", mapping.last_name),
        ("Time zone", mapping.zone), ("Consent", mapping.consent),
        ("Letters may also name", ", ".join(mapping.variables)),
    )  # fmt: skip
    return [(word, column) for word, column in words if column]


@require_GET
def accounts(request: Request, source_id: int) -> HttpResponse:
    """The SQL with which a DBA makes both accounts; `read` in the address names schemas."""
    source = found(request, source_id)
    schemas = [text for text in request.GET.getlist("read") if text and not text_fault(text)]
    sql = request.app.sources.accounts_sql(source.id, schemas)
    return page(request, "source/accounts.html", {"source": source, "sql": sql})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    form = SourceForm(posted(request), {})
    if not form.is_valid():
        return form_page(request, "source/form.html", {"form": form})
    outcome = request.app.sources.add(form.to_command(), _ACTOR)
    match outcome:
        case Saved(source_id):
            return see_other(request, "web:source", source_id, toast="Source saved. Test it now")
        case Refused(faults):
            put_faults(form, faults)
            return form_page(request, "source/form.html", {"form": form})
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, source_id: int) -> HttpResponse:
    source = found(request, source_id)
    initial = {name: getattr(source, name) for name in _KEPT}
    form = SourceForm(posted(request), initial, kept=source.kept_passwords)
    context: dict[str, Any] = {"form": form, "source": source}
    if not form.is_valid():
        return form_page(request, "source/form.html", context)
    outcome = request.app.sources.edit(source.id, form.to_command(), _ACTOR)
    said, gone = "Source saved. Test it now", "web:source-list"
    return after_form(
        request, form, outcome, "web:source", source.id, said=said, gone=gone
    ) or form_page(request, "source/form.html", context)


def found(request: Request, source_id: int) -> Any:
    source = request.app.sources.get(SourceId(source_id))
    if source is None:
        raise Http404
    return source
