"""Where in a source the people are: its tables, and one table's columns with sample rows."""

from typing import Any, Final

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.core.criteria.schema import Table, TableName
from postroad.core.saved import Gone
from postroad.core.source.diagnosis import Diagnosis
from postroad.core.source.mapping import tables_with_addresses
from postroad.web.console.forms import after_form
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import form_page, page, see_other

from .forms import MappingForm
from .pages import found, show

_ACTOR: Final = "manager"


@require_GET
def tables(request: Request, source_id: int) -> HttpResponse:
    """As they were last seen; those that seem to hold addresses first."""
    source = found(request, source_id)
    seen = request.app.sources.seen(source.id)
    likely = set(tables_with_addresses(seen)) if seen else set()
    rows = [
        {"of": table, "is_likely": table.name in likely} for table in (seen.tables if seen else ())
    ]
    rows.sort(key=lambda row: not row["is_likely"])
    context = {"source": source, "rows": rows, "is_seen": seen is not None, "likely": len(likely)}
    return page(request, "source/tables.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: Request, source_id: int) -> HttpResponse:
    """`schema` and `table` in the address name the table; without them, the mapped one."""
    source = found(request, source_id)
    table = _table(request, source)
    look = request.app.sources.look(source.id, table.name)
    if isinstance(look, Gone):
        return see_other(request, "web:source-tables", source.id, toast=look.text)
    if isinstance(look, Diagnosis):
        return show(request, source_id, diagnoses=(look,))
    is_mapped = source.mapping is not None and source.mapping.table == table.name
    guess = source.mapping if is_mapped else look.guess.mapping
    form = MappingForm(posted(request), table, guess)
    context: dict[str, Any] = {"source": source, "table": table, "look": look, "form": form}
    if not form.is_valid():
        return form_page(request, "source/map.html", context)
    outcome = request.app.sources.map(source.id, form.to_command(), _ACTOR)
    said, gone = "People found. Audiences can stand on this source now", "web:source-list"
    return after_form(
        request, form, outcome, "web:source", source.id, said=said, gone=gone
    ) or form_page(request, "source/map.html", context)


def _table(request: Request, source: Any) -> Table:
    named = TableName(request.GET.get("schema", ""), request.GET.get("table", ""))
    wanted = source.mapping.table if not named.name and source.mapping else named
    seen = request.app.sources.seen(source.id)
    table = seen.table(wanted) if seen else None
    if table is None:
        raise Http404
    return table
