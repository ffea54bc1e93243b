"""What is typed about people."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from postroad.actions.edit_contact import ContactForm
from postroad.web.console.forms import BoxField, words_of

_TAGS_HINT = "Commas between them. New ones are made."
BLANK_ROWS = 2


class PasteForm(forms.Form):
    text = BoxField(
        label="People",
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "spellcheck": "false", "data-focus": ""}),
        help_text="A line or a comma each: Ann Lee <ann@example.org>, or only the address.",
        error_messages={
            "required": "Nothing is in the box: paste or write addresses, a line each."
        },
    )
    tags = forms.CharField(
        label="Tags for all of them", required=False, help_text=_TAGS_HINT,
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )  # fmt: skip

    def to_command(self) -> tuple[str, tuple[str, ...]]:
        return self.cleaned_data["text"], words_of(self.cleaned_data["tags"])


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        help_text="UTF-8, a header, comma or semicolon between cells.",
        error_messages={
            "required": "No file is chosen: choose one.",
            "empty": "The file is empty: export it again with a header and a row a person.",
        },
    )


class ImportForm(forms.Form):
    """The question of an import: enter these rows, and tag them."""

    tags = forms.CharField(
        label="Tags for all of them", required=False, help_text=_TAGS_HINT,
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )  # fmt: skip

    def to_command(self) -> tuple[str, ...]:
        return words_of(self.cleaned_data["tags"])


class PersonForm(forms.Form):
    address = forms.CharField(
        label="E-mail",
        widget=forms.TextInput(
            attrs={"inputmode": "email", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": "Without an address nobody can be written to: type one."},
    )
    name = forms.CharField(required=False, help_text="As a letter is addressed: Dr. Ann Lee.")
    first_name = forms.CharField(label="First name", required=False)
    last_name = forms.CharField(label="Last name", required=False)
    company = forms.CharField(required=False)
    zone = forms.CharField(
        label="Time zone", required=False, help_text="Like Europe/Vienna.",
        widget=forms.TextInput(attrs={"list": "known-zones", "autocomplete": "off"}),
    )  # fmt: skip
    tags = forms.CharField(
        required=False, help_text=_TAGS_HINT,
        widget=forms.TextInput(attrs={"list": "known-tags", "autocomplete": "off"}),
    )  # fmt: skip

    def to_command(self, attributes: Mapping[str, str]) -> ContactForm:
        typed = {name: str(text) for name, text in self.cleaned_data.items() if name != "tags"}
        return ContactForm(**typed, tags=words_of(self.cleaned_data["tags"]), attributes=attributes)


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One line of the attributes' table, blank for a new one."""

    name: str
    text: str
    fault: str = ""


def typed_attributes(posted: QueryDict) -> list[AttributeRow]:
    """As typed, in order. A name twice is a fault of the second; one without a name, too."""
    rows: list[AttributeRow] = []
    seen: set[str] = set()
    pairs = zip(posted.getlist("attribute"), posted.getlist("value"), strict=False)
    for raw_name, raw_text in pairs:
        name, text = raw_name.strip(), raw_text.replace("\r\n", "\n").strip()
        if not name and not text:
            continue
        fault = "This value has no name: give it one." if not name else ""
        if name in seen:
            fault = "This name is there twice: keep one of them."
        seen.add(name)
        rows.append(AttributeRow(name, text, fault))
    return rows
