"""What is done to a source: tested, looked at again, deleted."""

from typing import Final, assert_never

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.diagnosis import Diagnosis, SourceAnswers, SourceUnfit
from postroad.core.source.looking import Refreshed
from postroad.web.console.request import Request
from postroad.web.console.respond import ask, see_other

from .pages import found, show

_ACTOR: Final = "manager"


@require_POST
def test(request: Request, source_id: int) -> HttpResponse:
    """Signs in with both accounts and leaves; nothing is written."""
    outcome = request.app.sources.check(found(request, source_id).id)
    match outcome:
        case SourceAnswers():
            return show(request, source_id, answers=outcome)
        case SourceUnfit(diagnoses):
            return show(request, source_id, diagnoses=diagnoses)
        case Gone(text):
            return see_other(request, "web:source-list", toast=text)
        case _:
            assert_never(outcome)


@require_POST
def refresh(request: Request, source_id: int) -> HttpResponse:
    """Goes on to the tables while nobody said where the people are."""
    source = found(request, source_id)
    outcome = request.app.sources.refresh(source.id, _ACTOR)
    match outcome:
        case Refreshed() if source.mapping is None:
            return see_other(request, "web:source-tables", source.id)
        case Refreshed():
            return show(request, source_id, refreshed=outcome)
        case Diagnosis():
            return show(request, source_id, diagnoses=(outcome,))
        case Gone(text):
            return see_other(request, "web:source-list", toast=text)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: Request, source_id: int) -> HttpResponse:
    """Asks, since passwords once deleted cannot be put back."""
    source = found(request, source_id)
    if request.method != "POST":
        return ask(request, "source/delete.html", {"source": source})
    outcome = request.app.sources.delete(source.id, _ACTOR)
    match outcome:
        case Saved():
            return see_other(request, "web:source-list", toast=f"Source {source.name} deleted")
        case Gone(text):
            return see_other(request, "web:source-list", toast=text)
        case Refused(faults):
            context = {"source": source, "fault": " ".join(faults.values())}
            return ask(request, "source/delete.html", context, status=422)
        case _:
            assert_never(outcome)
