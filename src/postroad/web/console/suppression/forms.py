"""What is typed about addresses never written to."""

from django import forms


class SuppressForm(forms.Form):
    text = forms.CharField(
        label="Addresses",
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false", "data-focus": ""}),
        help_text="A line or a comma each; names beside them do no harm.",
    )
    note = forms.CharField(
        required=False, help_text="Why, for whoever reads this later: asked by phone on Tuesday."
    )

    def to_command(self) -> tuple[str, str]:
        return self.cleaned_data["text"], self.cleaned_data["note"]
