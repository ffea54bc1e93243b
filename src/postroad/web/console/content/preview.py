"""A revision as a real person gets it, with all that can be said of it."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_GET

from postroad.actions.preview_mail import NotMade, Shown
from postroad.core.ids import CampaignId, ContactId, ContentId
from postroad.web.console.links import link, numbers_in
from postroad.web.console.request import Request
from postroad.web.console.respond import page
from postroad.web.console.respond import preview as in_frame
from postroad.wiring.campaigning import PreviewPerson, Setting, draft_of, setting_of

from .editing import found
from .forms import FORMATS
from .lines import lines_of, values_of


@require_GET
def latest(request: Request, content_id: int) -> HttpResponse:
    return _page(request, found(request, content_id), is_latest=True)


@require_GET
def revision(request: Request, content_id: int, number: int) -> HttpResponse:
    newest = found(request, content_id)
    return _page(request, _numbered(request, content_id, number), newest.number == number)


@require_GET
def html(request: Request, content_id: int, number: int) -> HttpResponse:
    """For the sandboxed frame only."""
    kept = _numbered(request, content_id, number)
    seen = _seen(request, kept)
    made = request.app.drafts.preview(kept, seen.person, seen.setting) if seen.person else None
    if not isinstance(made, Shown):
        raise Http404
    return in_frame(made.mail.html or _as_html(made.mail.text))


def _numbered(request: Request, content_id: int, number: int) -> Any:
    kept = request.app.contents.numbered(ContentId(content_id), number)
    if kept is None:
        raise Http404
    return kept


def _as_html(text: str) -> str:
    return f"<!doctype html><meta charset=utf-8><pre style='white-space:pre-wrap'>{escape(text)}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Whom it is previewed as, and from whom. `missed`: whom nobody was found for."""

    person: PreviewPerson | None
    missed: str
    setting: Setting
    used: list[Any]
    campaign: Any


def _seen(request: Request, kept: Any) -> Seen:
    used = [
        each
        for each in request.app.campaigns.all(with_archived=True)
        if each.fields.content_id == kept.content_id
    ]
    campaign = next((each for each in used if each.id in _asked(request, "campaign")), None)
    chosen = campaign or next(iter(used), None)
    setting = setting_of(chosen.fields) if chosen else _ours(request)
    return Seen(*_person(request), setting, used, campaign)


def _asked(request: Request, name: str) -> list[CampaignId]:
    return [CampaignId(number) for number in numbers_in(request.GET, name)]


def _ours(request: Request) -> Setting:
    """Without a campaign: from the sender of the preferences, if there is one."""
    ours = request.app.runs.preferences()
    if not ours.sender_address:
        return Setting()
    sender = replace(Setting().sender, name=ours.sender_name, address=ours.sender_address)
    return Setting(sender)


def _person(request: Request) -> tuple[PreviewPerson | None, str]:
    """The contact that is asked for: by id, by an edge, or by words; else the first."""
    drafts, words = request.app.drafts, request.GET.get("who", "").strip()[:320]
    edge = request.GET.get("edge", "")
    wanted = next((ContactId(number) for number in numbers_in(request.GET, "contact")), None)
    missed = ""
    if edge in list(drafts.Edge):
        wanted = drafts.edge(drafts.Edge(edge))
        missed = "" if wanted else "Nobody in the contacts is like that."
    elif words:
        rows = request.app.contacts.page(search=words, size=1).rows
        wanted = rows[0].id if rows else None
        missed = "" if wanted else f"No contact begins with “{words}”."
    return drafts.person(wanted) or drafts.person(), missed


def _page(request: Request, kept: Any, is_latest: bool) -> HttpResponse:  # noqa: FBT001
    seen = _seen(request, kept)
    person = seen.person
    made = request.app.drafts.preview(kept, person, seen.setting) if person else None
    shown = made if isinstance(made, Shown) else None
    examined = request.app.drafts.examine(draft_of(kept))
    checks = request.app.drafts.checks(kept, is_bulk=seen.setting.is_bulk)
    context = {
        "revision": kept,
        "is_latest": is_latest,
        "format": dict(FORMATS)[kept.format],
        "seen": seen,
        "person": person,
        "shown": shown,
        "not_made": made if isinstance(made, NotMade) else None,
        "part": "text" if request.GET.get("part") == "text" else "html",
        "to": _links(kept, seen),
        "faults": examined.faults,
        "variables": values_of(examined.variables, person, seen.setting),
        "checks": lines_of(checks, shown.findings if shown else ()),
        "revisions": request.app.contents.revisions(kept.content_id),
    }
    return page(request, "content/detail.html", context)


def _links(kept: Any, seen: Seen) -> dict[str, str]:
    """Addresses that keep revision, campaign and person."""
    person = seen.person
    campaign = str(seen.campaign.id) if seen.campaign else None
    here = ("web:content-revision", kept.content_id, kept.number)
    contact = str(person.id) if person else None
    to = {
        "html": link(*here, campaign=campaign, contact=contact),
        "text": link(*here, campaign=campaign, contact=contact, part="text"),
        "frame": link("web:content-html", *here[1:], campaign=campaign, contact=contact),
    }
    if person and person.before:
        to["before"] = link(*here, campaign=campaign, contact=str(person.before))
    if person and person.after:
        to["after"] = link(*here, campaign=campaign, contact=str(person.after))
    for edge in ("longest", "no_first_name", "non_latin"):
        to[edge] = link(*here, campaign=campaign, edge=edge)
    return to
