"""Every part at its real size, for looking at. Invented data; POSTROAD_DEBUG only."""

from typing import Final

from django import forms
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from postroad.web.console.home.stations import Station
from postroad.web.console.request import Request
from postroad.web.console.respond import page

_COUNTS: Final = {
    "accepted": 151_204,
    "deferred": 1_846,
    "rejected": 312,
    "unknown": 3,
    "dead": 12,
    "suppressed": 21,
    "sending": 700,
    "prepared": 32_296,
    "selected": 62_222,
}
_STATES: Final = (
    ("selected", "chosen, waits"),
    ("prepared", "rendered, waits"),
    ("sending", "in SMTP or leased"),
    ("deferred", "4yz, will retry"),
    ("accepted", "relay said 250"),
    ("delivered", "evidence of arrival"),
    ("rejected", "5yz"),
    ("bounced", "DSN"),
    ("complained", "ARF"),
    ("unknown", "dot sent, no reply"),
    ("suppressed", "never written to"),
    ("dead", "gave up, with reason"),
    ("purged", "run stopped"),
    ("held", "waits for a person"),
)
_COLOURS: Final = ("ok", "warn", "bad", "unknown", "dead", "move", "wait", "idle")
_ROAD: Final = (
    Station("done", "users", "Recipients", "11,570 people", "Jazz, never Rock · v7", "#"),
    Station("done", "file-text", "Content", "Revision 14", "HTML and text, 42 KB, 1 file", "#"),
    Station("look", "server", "Relay", "Sandbox", "Mail stays in the inbox here", "#"),
    Station("block", "shield-check", "Verify", "Blocked by 1", "Dry run 4 is out of date", "#"),
    Station("empty", "rocket", "Launch", "Not yet", "Verify first"),
)


class _SampleForm(forms.Form):
    address = forms.EmailField(label="E-mail", required=False, help_text="Checked as it is typed.")
    port = forms.IntegerField(
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": "A number from 1 to 65535, often 587"},
        min_value=1,
        max_value=65535,
    )
    tls = forms.ChoiceField(
        label="TLS",
        choices=[("none", "None"), ("starttls", "STARTTLS"), ("implicit", "TLS")],
        widget=forms.RadioSelect,
        initial="starttls",
    )
    zone = forms.ChoiceField(choices=[("Europe/Oslo", "Europe/Oslo"), ("UTC", "UTC")])
    note = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    is_default = forms.BooleanField(label="The default relay", required=False)


@require_GET
def kit(request: Request) -> HttpResponse:
    if not request.app.settings.debug:
        raise Http404
    faulty = _SampleForm({"port": "25a", "tls": "starttls", "zone": "UTC"})
    context = {
        "counts": _COUNTS,
        "total": sum(_COUNTS.values()),
        "notes": {"accepted": "relay said 250", "deferred": "retry, next 09:09:58"},
        "states": _STATES,
        "colours": _COLOURS,
        "stations": _ROAD,
        "form": faulty,
        "toast": {"text": "Campaign copied as a draft", "undo": "#"},
    }
    return page(request, "kit/kit.html", context)
