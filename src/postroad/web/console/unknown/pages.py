"""Unknown mails: begun, no reply known. A person says what became of each."""

from dataclasses import dataclass
from typing import Any, Final, assert_never
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from postroad.actions.settle_unknown import AllUnknown, Settled
from postroad.core.dead_letter import Letter, parse_letters
from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState
from postroad.core.saved import Refused
from postroad.core.unknown import Settlement, UnknownPolicy
from postroad.web.console import figures
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, page, see_other

_ACTOR: Final = "manager"
_DONE: Final = {
    Settlement.SENT: "settled as sent: accepted",
    Settlement.RESEND: "will be sent again",
    Settlement.DROP: "dropped: dead, discarded",
}

_POLICIES: Final = {
    UnknownPolicy.RESEND.value: "sent again by its run",
    UnknownPolicy.LOOK_UP.value: "looked up by its run",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be settled: letters, or `all` of a run or of every run."""

    letters: tuple[Letter, ...]
    all: AllUnknown | None


@require_GET
def unknowns(request: Request) -> HttpResponse:
    run_id = _run(request.GET.get("run", ""))
    found = request.app.attention.unknowns(run_id, request.GET.get("cursor"))
    context: dict[str, Any] = {
        "rows": [{"of": row, "key": Letter(RunId(row.run_id), row.n, row.attempt),
                  "policy": _POLICIES.get(row.policy or "", "")} for row in found.rows],
        "total": found.total_estimate,
        "run_id": run_id,
        "pager": {
            "words": f"{figures.number(found.total_estimate)} unknown",
            "previous": _url(run_id, found.previous),
            "next": _url(run_id, found.next),
        },
    }  # fmt: skip
    return page(request, "unknown/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: Request) -> HttpResponse:
    """GET asks what to say of the chosen; POST says it."""
    query = request.POST if request.method == "POST" else request.GET
    asked = _asked(query.getlist("of"), query.get("all", ""), query.get("run", ""))
    how = query.get("how", "")
    if request.method == "POST" and how in set(map(str, Settlement)):
        return _settled(request, asked, Settlement(how))
    return _question(request, asked, how)


def _question(request: Request, asked: Asked, how: str, fault: str = "") -> HttpResponse:
    run_id = asked.all.run_id if asked.all else None
    count = len(asked.letters)
    if asked.all:
        count = request.app.attention.count(DeliveryState.UNKNOWN, run_id).count
    context: dict[str, Any] = {
        "asked": asked,
        "run_id": run_id,
        "count": count,
        "how": how,
        "back": request.GET.get("back", request.POST.get("back", "")),
        "patience": request.app.attention.resend_after_seconds,
        "fault": fault or ("" if count else "No mail is chosen: choose some in the list first."),
        "is_missing": request.method == "POST" and not fault,
    }
    return ask(request, "unknown/settle.html", context, status=422 if fault else 200)


def _settled(request: Request, asked: Asked, how: Settlement) -> HttpResponse:
    outcome = request.app.attention.settle(asked.all or list(asked.letters), how, _ACTOR)
    match outcome:
        case Refused(faults):
            return _question(request, asked, how, faults[""])
        case Settled(_, count, already, stopped):
            said = f"{figures.number(count)} mail{'' if count == 1 else 's'} {_DONE[how]}"
            if not count and already:
                said = "They were settled before: nothing is done twice"
            if stopped:
                said += f"; {figures.number(stopped)} of a stopped run stay unknown"
            return see_other(request, _back(request, asked), toast=said)
        case _:
            assert_never(outcome)


def _back(request: Request, asked: Asked) -> str:
    if request.POST.get("back") == "mail" and len(asked.letters) == 1:
        return reverse("web:delivery", args=[asked.letters[0].run_id, asked.letters[0].n])
    return _url(_run(request.POST.get("run", "")), "") or reverse("web:unknown-list")


def _asked(letters: list[str], everything: str, run: str) -> Asked:
    run_id = _run(run)
    wanted = AllUnknown(None if run_id is None else RunId(run_id)) if everything else None
    return Asked(tuple(parse_letters(letters)), wanted)


def _url(run_id: int | None, cursor: str | None) -> str:
    """'' where there is no such page (`cursor` None)."""
    if cursor is None:
        return ""
    asked = ({"run": str(run_id)} if run_id else {}) | ({"cursor": cursor} if cursor else {})
    return reverse("web:unknown-list") + (f"?{urlencode(asked)}" if asked else "")


def _run(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
