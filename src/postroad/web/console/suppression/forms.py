"""What is typed about addresses never written to."""

from django import forms

from postroad.web.console.forms import BoxField


class SuppressForm(forms.Form):
    text = BoxField(
        label="Addresses",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "data-focus": ""}),
        help_text="A line or a comma each; names beside them do no harm.",
        error_messages={
            "required": "Nothing is in the box: paste or write addresses, a line each."
        },
    )
    note = forms.CharField(
        required=False, help_text="Why, for whoever reads this later: asked by phone on Tuesday."
    )

    def to_command(self) -> tuple[str, str]:
        return self.cleaned_data["text"], self.cleaned_data["note"]
