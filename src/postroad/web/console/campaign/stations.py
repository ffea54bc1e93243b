"""The chain of a campaign: what is there, what is missing, and where it is mended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from postroad.actions.check_campaign import Checked
from postroad.web.console import figures
from postroad.web.console.home.stations import Station
from postroad.web.console.links import link


@dataclass(frozen=True, slots=True)
class Overview:
    """`campaign`, `latest` (its newest run) and `revision` as the reads give them."""

    campaign: Any
    checked: Checked | None
    latest: Any
    revision: Any

    def blocks(self, *keys: str) -> bool:
        return self.checked is not None and any(check.key in keys for check in self.checked.red)

    def field(self, name: str) -> str:
        return f"{link('web:campaign-edit', self.campaign.id)}#id_{name}"


def stations(seen: Overview) -> list[Station]:
    """The first that is empty is the next to look at, unless one before it is blocked."""
    road = [make(seen) for make in _STATIONS]
    at = next((at for at, station in enumerate(road) if station.state in ("empty", "block")), None)
    if at is not None and road[at].state == "empty":
        road[at] = replace(road[at], state="look")
    return road


def _state(seen: Overview, is_chosen: object, *keys: str) -> str:
    if not is_chosen:
        return "empty"
    return "block" if seen.blocks(*keys) else "done"


def _recipients(seen: Overview) -> Station:
    fields, facts = seen.campaign.fields, seen.checked.facts if seen.checked else None
    state = _state(seen, fields.audience_id, "audience", "is_personal")
    people = facts.people if facts else None
    value = "Nobody yet" if people is None else figures.counted(people, "person", "people")
    hint = seen.campaign.audience_name or "Choose an audience"
    return Station(state, "users", "Recipients", value, hint, seen.field("audience"))


def _content(seen: Overview) -> Station:
    revision, campaign = seen.revision, seen.campaign
    if revision is None:
        url = seen.field("content")
        return Station("empty", "file-text", "Content", "Nothing yet", "Choose or write one", url)
    url = link("web:content", revision.content_id, campaign=str(campaign.id))
    hint = campaign.content_name
    if revision.files:
        hint += f", {figures.counted(len(revision.files), 'file')}"
    state = _state(seen, revision, "content")
    return Station(state, "file-text", "Content", f"Revision {revision.number}", hint, url)


def _sender(seen: Overview) -> Station:
    fields = seen.campaign.fields
    state = _state(seen, fields.sender_address, "sender_address", "sender_name", "postal_address")
    kind = "Personal" if fields.is_personal else "Bulk"
    value = fields.sender_name or fields.sender_address or "Nobody yet"
    hint = f"{kind}, {fields.sender_address}" if fields.sender_address else f"{kind}, no address"
    return Station(state, "user", "Sender", value, hint, seen.field("sender_name"))


def _relay(seen: Overview) -> Station:
    checked, campaign = seen.checked, seen.campaign
    state = _state(seen, checked and checked.pins.relay_id, "relay")
    value = campaign.relay_name or ("The default" if state == "done" else "None")
    is_sandbox = checked is not None and checked.facts.is_sandbox
    hint = "Sandbox: nothing leaves" if is_sandbox else "Real mail" if state == "done" else "Set"
    return Station(state, "server", "Relay", value, hint, seen.field("relay"))


def _verify(seen: Overview) -> Station:
    run, red = seen.latest, len(seen.checked.red) if seen.checked else 0
    to = reverse("web:run", args=[run.id]) if run else ""
    if run and run.is_preparing:
        return Station("look", "shield-check", "Verify", "Preparing", f"Run {run.number}", to)
    if run and run.waits:
        value = figures.counted(run.prepared, "mail") + " ready"
        return Station("done", "shield-check", "Verify", value, f"Run {run.number}, frozen", to)
    if red:
        hint = "See the checklist"
        return Station("block", "shield-check", "Verify", f"Blocked by {red}", hint, "#checklist")
    if run and not run.is_stopped:
        return Station(
            "done", "shield-check", "Verify", f"Run {run.number}", "Verify again for more", to
        )
    hint = f"Run {run.number} was stopped" if run else "Sends nothing yet"
    return Station("empty", "shield-check", "Verify", "Not yet", hint, "#verify")


def _launch(seen: Overview) -> Station:
    run = seen.latest
    if run is None or run.is_preparing or run.is_stopped:
        return Station("empty", "rocket", "Launch", "Not yet", "Verify first")
    url = reverse("web:run", args=[run.id])
    if run.can_launch:
        to = reverse("web:run-launch", args=[run.id])
        return Station("look", "rocket", "Launch", "Ready", "Asks once more", to)
    if run.is_scheduled:
        at = figures.moment(run.release_at, timezone.now(), timezone.get_current_timezone())
        return Station("done", "rocket", "Launch", at, "Scheduled", url)
    value = f"{figures.number(run.accepted)} accepted"
    hint = f"of {figures.number(run.recipients)}, {run.state}"
    return Station("done" if run.is_finished else "look", "rocket", "Launch", value, hint, url)


_STATIONS: Final[tuple[Callable[[Overview], Station], ...]] = (
    _recipients,
    _content,
    _sender,
    _relay,
    _verify,
    _launch,
)
