"""The form of a content. Saving makes the next revision; *Check* saves nothing."""

from typing import Any, Final, assert_never

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from postroad.core.ids import ContentId
from postroad.core.revision import NewRevision
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.web.console import figures
from postroad.web.console.links import numbers_in
from postroad.web.console.request import Request
from postroad.web.console.respond import page, see_other
from postroad.wiring.campaigning import draft_of

from .drafts import Draft, draft_from, posted_draft, put_on_form

ACTOR: Final = "manager"
POLICIES: Final = (("fail", "Fail"), ("skip", "Skip"), ("default", "Default"))
_BLANK: Final = NewRevision("", "md", "")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: Request) -> HttpResponse:
    draft = _draft(request, "", _BLANK)
    if not _is_to_save(request, draft):
        return _show(request, draft)
    outcome = request.app.contents.create(draft.name, draft.to_command(), ACTOR)
    match outcome:
        case Saved(content_id):
            return see_other(request, "web:content", content_id, toast="Revision 1 saved")
        case Refused(faults):
            put_on_form(draft.form, faults)
            return _show(request, draft)
        case _:
            assert_never(outcome)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, content_id: int) -> HttpResponse:
    """`from` in the address begins with an older revision."""
    latest = found(request, content_id)
    wanted = next(iter(numbers_in(request.GET, "from")), latest.number)
    start = request.app.contents.numbered(latest.content_id, wanted) or latest
    draft = _draft(request, latest.content_name, draft_of(start))
    _compare(request, draft, latest)
    if not _is_to_save(request, draft):
        return _show(request, draft, latest, start)
    renamed = request.app.contents.rename(latest.content_id, draft.name, ACTOR)
    if isinstance(renamed, Refused):
        put_on_form(draft.form, renamed.faults)
        return _show(request, draft, latest, start)
    return _save(request, draft, latest, start)


def _save(request: Request, draft: Draft, latest: Any, start: Any) -> HttpResponse:
    outcome = request.app.contents.save(latest.content_id, draft.to_command(), ACTOR)
    match outcome:
        case Saved(_, abandoned):
            said = f"Revision {latest.number + 1} saved"
            if abandoned:
                said += f". {figures.counted(abandoned, 'verified run')} abandoned: verify again"
            return see_other(request, "web:content", latest.content_id, toast=said)
        case Unchanged():
            said = "Saved; the mails are as before"
            return see_other(request, "web:content", latest.content_id, toast=said)
        case Gone(text):
            return see_other(request, "web:content-list", toast=text)
        case Refused(faults):
            put_on_form(draft.form, faults)
            return _show(request, draft, latest, start)
        case _:
            assert_never(outcome)


def found(request: Request, content_id: int) -> Any:
    """The latest revision of a content, or 404."""
    latest = request.app.contents.latest(ContentId(content_id))
    if latest is None:
        raise Http404
    return latest


def _draft(request: Request, name: str, kept: NewRevision) -> Draft:
    return posted_draft(request) if request.method == "POST" else draft_from(request, name, kept)


def _compare(request: Request, draft: Draft, latest: Any) -> None:
    """A revision of another tab is not superseded unseen."""
    if request.method == "POST" and request.POST.get("base") != str(latest.number):
        text = (
            f"Revision {latest.number} was saved meanwhile, in another tab perhaps: look at it"
            " under Revisions. Save again to put this one after it."
        )
        draft.form.add_error(None, text)


def _is_to_save(request: Request, draft: Draft) -> bool:
    is_asked = request.method == "POST" and "check" not in request.POST
    return is_asked and draft.form.is_valid() and draft.examined.is_sound


def _show(request: Request, draft: Draft, latest: Any = None, start: Any = None) -> HttpResponse:
    context = {
        "draft": draft,
        "form": draft.form,
        "latest": latest,
        "start": start,
        "policies": POLICIES,
        "known": sorted(request.app.drafts.known_names()),
        "is_checked": "check" in request.POST,
    }
    is_refused = request.method == "POST" and "check" not in request.POST
    return page(request, "content/form.html", context, status=422 if is_refused else 200)
