"""What is typed about a relay."""

from typing import Any

from django import forms

from postroad.core.relay import RelayFields
from postroad.web.console.limit.forms import LimitForm, digits


class RelayForm(LimitForm):
    """`forget_password` is there only where one is kept."""

    name = forms.CharField(
        help_text="Your word for it: Frankfurt, My Gmail.",
        error_messages={"required": "The relay has no name: give it one."},
    )
    host = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "No host is named: write it like smtp.example.org."},
    )
    port = forms.IntegerField(
        widget=digits(),
        initial=587,
        error_messages={
            "invalid": "A port is a number from 1 to 65535: most relays listen on 587 or 465.",
            "required": "No port is named: most relays listen on 587 or 465.",
        },
    )
    tls = forms.ChoiceField(
        label="TLS",
        choices=[("starttls", "STARTTLS"), ("implicit", "TLS from the start"), ("none", "None")],
        widget=forms.RadioSelect,
        initial="starttls",
        help_text="587 goes with STARTTLS, 465 with TLS. None is for this machine only.",
    )
    user = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Empty: no sign-in.",
    )  # fmt: skip
    password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    forget_password = forms.BooleanField(label="Take the kept password away", required=False)
    ca_file = forms.CharField(
        label="Own authority", required=False,
        help_text="A PEM file on this machine, for a certificate signed by your own.",
    )  # fmt: skip
    connections = forms.IntegerField(
        initial=4, widget=digits(),
        error_messages={
            "invalid": "Write a number from 1 to 100: 4 suit most relays.",
            "required": "Write a number from 1 to 100: 4 suit most relays.",
        },
    )  # fmt: skip
    chunking = forms.BooleanField(
        label="Several mails at once (CHUNKING)", required=False, initial=True,
        help_text=(
            "Where the relay offers it. When a connection breaks, up to 8 mails of it are unknown "
            "instead of 1."
        ),
    )  # fmt: skip

    lookup = forms.CharField(
        label="Look-up", required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=(
            "Who knows what this relay took: an address like https://mail.example.org/lookup, or "
            "the name of a program in the directory lookup of the home. Campaigns may ask it about "
            "unknown mails."
        ),
    )  # fmt: skip

    def __init__(self, data: Any, initial: dict[str, Any], *, has_password: bool) -> None:
        super().__init__(data, initial=initial)
        if has_password:
            self.fields["password"].help_text = "One is kept. Leave this empty to keep it."
        else:
            del self.fields["forget_password"]

    def to_command(self) -> RelayFields:
        """Nothing typed keeps the password, if there is one."""
        typed = dict(self.cleaned_data)
        is_forgotten = typed.pop("forget_password", False)
        typed["password"] = typed["password"] or ("" if is_forgotten else None)
        return RelayFields(**typed)
