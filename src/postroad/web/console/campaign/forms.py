"""What a campaign is made of, as it is filled in. Gaps are no faults until Verify."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from postroad.core.campaign import CampaignFields
from postroad.core.ids import AudienceId, ContentId, RelayId
from postroad.core.unknown import UnknownPolicy

Choices = Sequence[tuple[int, str]]


def _chosen(what: str, label: str) -> forms.ChoiceField:
    text = f"This {what} is not there any more: choose another."
    return forms.ChoiceField(label=label, required=False, error_messages={"invalid_choice": text})


class CampaignForm(forms.Form):
    """`choices`: what can be chosen for audience, content and relay, by id."""

    name = forms.CharField(
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "The campaign has no name: give it one."},
    )
    kind = forms.ChoiceField(
        label="Kind",
        choices=[("personal", "Personal"), ("bulk", "Bulk")],
        widget=forms.RadioSelect,
        initial="personal",
        error_messages={"required": "Choose personal or bulk."},
        help_text="Personal: up to 500 people you know, no list headers."
        " Bulk: one-click unsubscribe and all that large receivers ask for.",
    )
    audience = _chosen("audience", "Audience")
    content = _chosen("content", "Content")
    sender_name = forms.CharField(label="Name", required=False)
    sender_address = forms.CharField(
        label="Address",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "spellcheck": "false"}),
        help_text="It stands in From. Your relay must be allowed to send for it.",
    )
    reply_to = forms.CharField(
        label="Replies to",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "email", "spellcheck": "false"}),
        help_text="Empty: the sender's address.",
    )
    postal_address = forms.CharField(
        label="Postal address",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Bulk mail names it. In the letter: {{ postal_address }}.",
    )
    relay = _chosen("relay", "Relay")
    unknown_policy = forms.ChoiceField(
        label="A mail without a reply",
        required=False,
        choices=[
            (UnknownPolicy.HOLD.value, "Waits for me"),
            (UnknownPolicy.RESEND.value, "Is sent again"),
            (UnknownPolicy.LOOK_UP.value, "Is looked up"),
        ],
        widget=forms.RadioSelect,
        initial=UnknownPolicy.HOLD.value,
        help_text="When the connection breaks behind the final dot, nobody knows if it arrived."
        " Sent again: after 15 minutes, with the same Message-ID; somebody may get it twice."
        " Looked up: the relay's look-up is asked; where it does not know, the mail waits.",
    )
    resend_limit = forms.IntegerField(
        label="Sent again so often at most",
        required=False,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": "Write a number from 1 to 5: 1 suits most campaigns."},
        help_text="Without you; then it waits. You may always send it again by hand.",
    )

    def __init__(
        self, data: Any, choices: Mapping[str, Choices], default_relay: str, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial)
        empty = {
            "audience": "Nobody yet",
            "content": "Nothing yet",
            "relay": f"The default: {default_relay}" if default_relay else "No relay yet",
        }
        for name, word in empty.items():
            field = self.fields[name]
            field.choices = [("", word), *choices[name]]  # type: ignore[attr-defined]

    def to_command(self) -> CampaignFields:
        typed = self.cleaned_data
        return CampaignFields(
            name=typed["name"],
            is_personal=typed["kind"] == "personal",
            audience_id=AudienceId(int(typed["audience"])) if typed["audience"] else None,
            content_id=ContentId(int(typed["content"])) if typed["content"] else None,
            relay_id=RelayId(int(typed["relay"])) if typed["relay"] else None,
            sender_name=typed["sender_name"],
            sender_address=typed["sender_address"],
            reply_to=typed["reply_to"],
            postal_address=typed["postal_address"].replace("\r\n", "\n"),
            unknown_policy=UnknownPolicy(typed["unknown_policy"] or UnknownPolicy.HOLD),
            resend_limit=1 if typed["resend_limit"] is None else typed["resend_limit"],
        )


def shown(fields: CampaignFields) -> dict[str, Any]:
    """The fields of a campaign as the form has them."""
    return {
        "name": fields.name,
        "kind": "personal" if fields.is_personal else "bulk",
        "audience": fields.audience_id,
        "content": fields.content_id,
        "relay": fields.relay_id,
        "sender_name": fields.sender_name,
        "sender_address": fields.sender_address,
        "reply_to": fields.reply_to,
        "postal_address": fields.postal_address,
        "unknown_policy": fields.unknown_policy.value,
        "resend_limit": fields.resend_limit,
    }
