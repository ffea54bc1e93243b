"""What the manager sets for the whole product."""

from django import forms

from postroad.core.preferences import Preferences

_NO_SECONDS = "Write a number of seconds: 60 suit most people, 0 is no time to undo."


class PreferencesForm(forms.Form):
    public_url = forms.CharField(
        label="Public address",
        required=False,
        widget=forms.TextInput(
            attrs={"inputmode": "url", "placeholder": "https://mail.example.org"}
        ),
        help_text="Where recipients reach the unsubscribe pages under /p/. "
        "Bulk campaigns are refused without one.",
    )
    undo_seconds = forms.FloatField(
        label="Seconds in which a launch can be undone",
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _NO_SECONDS, "required": _NO_SECONDS},
    )
    zone = forms.CharField(
        label="Time zone of launches",
        widget=forms.TextInput(attrs={"list": "known-zones", "autocomplete": "off"}),
        help_text="Offered first when a run is launched at a time. Like Europe/Vienna.",
        error_messages={"required": "No time zone is named: write it like Europe/Vienna."},
    )
    sender_name = forms.CharField(
        label="Sender's name", required=False, help_text="Offered for new campaigns."
    )
    sender_address = forms.CharField(
        label="Sender's address", required=False,
        widget=forms.TextInput(attrs={"inputmode": "email"}),
        help_text="An address that your relay lets you write from.",
    )  # fmt: skip

    def to_command(self) -> Preferences:
        return Preferences(**self.cleaned_data)
