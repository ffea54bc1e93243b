"""The suppression list: looked at, searched, added to, taken from."""

from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.actions.release_address import Released
from postroad.actions.suppress_address import Suppressed
from postroad.core.saved import Gone, Refused
from postroad.core.suppression import Reason
from postroad.web.console import figures
from postroad.web.console.forms import put_faults
from postroad.web.console.links import link, numbers_in, pager
from postroad.web.console.request import Request, posted
from postroad.web.console.respond import ask, form_page, page, see_other

from .forms import SuppressForm

_ACTOR: Final = "manager"
_TONES: Final = {
    Reason.COMPLAINED: "bad",
    Reason.BOUNCED: "bad",
    Reason.UNSUBSCRIBED: "warn",
}


@require_GET
def suppressions(request: Request) -> HttpResponse:
    """Newest first, or the one entry of an address."""
    search = request.GET.get("q", "").strip().replace("\0", "")
    context: dict[str, Any] = {"search": search, "tones": _TONES}
    if search:
        found = request.app.suppressions.find(search)
        return page(request, "suppression/list.html", context | {"rows": (found,) if found else ()})
    read = request.app.suppressions.page(request.GET.get("cursor"))
    words = f"{figures.number(len(read.rows))} of {figures.number(read.total_estimate)}"
    context |= {
        "rows": read.rows,
        "total": read.total_estimate,
        "pager": pager(
            words,
            link("web:suppression-list", cursor=read.previous) if read.previous else "",
            link("web:suppression-list", cursor=read.next) if read.next else "",
        ),
    }
    return page(request, "suppression/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    """The box; `of` in the address fills it with contacts that were chosen."""
    chosen = request.app.picked.addresses_of(numbers_in(request.GET))
    form = SuppressForm(posted(request), initial={"text": "\n".join(chosen)})
    if not form.is_valid():
        return form_page(request, "suppression/new.html", {"form": form})
    outcome = request.app.suppressions.add(*form.to_command(), _ACTOR)
    match outcome:
        case Refused(faults):
            put_faults(form, faults)
            return form_page(request, "suppression/new.html", {"form": form})
        case Suppressed(counts, (), _):
            said = f"{figures.counted(counts.added, 'address', 'addresses')} suppressed"
            if counts.known:
                said += f", {figures.number(counts.known)} were so before"
            return see_other(request, "web:suppression-list", toast=said)
        case Suppressed(counts, bad, rest):
            left = SuppressForm(initial={"text": rest, "note": form.cleaned_data["note"]})
            context = {"form": left, "counts": counts, "bad": bad}
            return page(request, "suppression/new.html", context)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: Request, hexed: str) -> HttpResponse:
    """GET asks; POST takes the address off the list."""
    row = request.app.suppressions.find_hash(_hash(hexed))
    if row is None:
        if request.method == "POST":
            return see_other(request, "web:suppression-list", toast="It was taken off before")
        raise Http404
    if request.method != "POST":
        return ask(request, "suppression/release.html", {"row": row})
    is_confirmed = request.POST.get("confirm") == "on"
    outcome = request.app.suppressions.release(
        row.hash, row.reason, _ACTOR, is_confirmed=is_confirmed
    )
    match outcome:
        case Released():
            said = f"{row.address or 'The address'} may be written to again"
            return see_other(request, "web:suppression-list", toast=said)
        case Refused(faults):
            context = {"row": row, "fault": faults["confirm"]}
            return ask(request, "suppression/release.html", context, status=422)
        case Gone(text):
            return see_other(request, "web:suppression-list", toast=text)
        case _:
            assert_never(outcome)


def _hash(hexed: str) -> bytes:
    try:
        return bytes.fromhex(hexed)
    except ValueError:
        raise Http404 from None
