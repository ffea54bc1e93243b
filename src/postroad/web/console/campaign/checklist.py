"""The lines of a campaign's checklist, each with the page that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse

from postroad.core.campaign import Check, Severity
from postroad.web.console.links import link

_TONES: Final = {Severity.RED: "bad", Severity.YELLOW: "warn", Severity.BLUE: ""}
_ELSEWHERE: Final = {
    "public_url": ("web:setting-list", "Settings"),
    "lookup": ("web:relay-list", "Relays"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """`tone`: bad blocks, warn is to be read, '' informs. `url` '' where nothing is to be done."""

    tone: str
    text: str
    url: str = ""
    word: str = ""


def lines_of(checks: Sequence[Check], campaign: Any) -> list[Line]:
    """Red first, as the checklist is; what else is to be read after it."""
    order = list(Severity)
    ordered = sorted(checks, key=lambda check: order.index(check.severity))
    return [Line(_TONES[check.severity], check.text, *_mend(check, campaign)) for check in ordered]


def _mend(check: Check, campaign: Any) -> tuple[str, str]:
    fields = campaign.fields
    if check.key in _ELSEWHERE:
        name, word = _ELSEWHERE[check.key]
        return reverse(name), word
    if check.key in _OF_CAMPAIGN or (check.key == "content" and not fields.content_id):
        return _field(campaign, _OF_CAMPAIGN.get(check.key, check.key)), "Fill in"
    if check.key == "audience":
        if fields.audience_id:
            return reverse("web:audience", args=[fields.audience_id]), "Open the audience"
        return _field(campaign, "audience"), "Choose"
    if check.key == "relay":
        if check.severity is Severity.BLUE:
            return reverse("web:relay-list"), "Relays"
        return _field(campaign, "relay"), "Choose"
    return link("web:content-edit", fields.content_id), "Edit the content"


_OF_CAMPAIGN: Final = {
    "name": "name",
    "is_personal": "kind",
    "sender_name": "sender_name",
    "sender_address": "sender_address",
    "reply_to": "reply_to",
    "postal_address": "postal_address",
    "resend_limit": "resend_limit",
}


def _field(campaign: Any, name: str) -> str:
    return f"{link('web:campaign-edit', campaign.id)}#id_{name}"
