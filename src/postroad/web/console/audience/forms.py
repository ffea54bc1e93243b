"""Who an audience is for, as it is chosen."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms

from postroad.core.audience import Definition, Everyone, HandPicked, Tagged
from postroad.core.saved import Refused
from postroad.web.console.forms import BoxField

Pick = Callable[[str], HandPicked | Refused]
"""Addresses as typed → the contacts they mean."""


class AudienceForm(forms.Form):
    name = forms.CharField(
        error_messages={"required": "The audience has no name: give it one."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label="Who",
        choices=[
            ("everyone", "Everybody"),
            ("tagged", "By tag"),
            ("hand_picked", "Hand-picked"),
        ],
        widget=forms.RadioSelect,
        initial="everyone",
        error_messages={"required": "Choose who it is for."},
    )
    tags = forms.MultipleChoiceField(label="With any of these tags", required=False)
    people = BoxField(
        label="These people",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="Addresses of contacts, a line or a comma each.",
    )

    def __init__(self, data: Any, tags: Sequence[str], initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        field = self.fields["tags"]
        field.choices = [(tag, tag) for tag in tags]  # type: ignore[attr-defined]

    def to_command(self, pick: Pick) -> Definition | Refused:
        """What is deployed. People are looked up; those who are not in the book are refused."""
        match self.cleaned_data["kind"]:
            case "everyone":
                return Everyone()
            case "tagged":
                return Tagged(tuple(self.cleaned_data["tags"]))
            case _:
                return pick(self.cleaned_data["people"])
