"""A content as it is typed. Its variables and files are read in `drafts`."""

from typing import Any, Final

from django import forms

FORMATS: Final = (("html", "HTML"), ("md", "Markdown"), ("txt", "Plain text"))
_CODE: Final = {"spellcheck": "false", "autocomplete": "off", "wrap": "soft"}


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True


class ContentForm(forms.Form):
    """`upload` and `attachments` carry labels and faults; what they hold is read before."""

    name = forms.CharField(
        error_messages={"required": "The content has no name: give it one."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    upload = forms.FileField(
        label="Letter as a file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".html,.htm,.md,.markdown,.txt,.text"}),
        help_text="HTML, Markdown or text in UTF-8. It takes the place of what is written here.",
    )
    format = forms.ChoiceField(
        label="Written in",
        choices=FORMATS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose HTML, Markdown or plain text."},
    )
    subject = forms.CharField(
        error_messages={"required": "The subject is empty: write one."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    source = forms.CharField(
        label="Letter",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 24, **_CODE}),
    )
    text_source = forms.CharField(
        label="Text version",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, **_CODE}),
        help_text="For those who read without HTML. Empty: it is made from the letter.",
    )
    attachments = forms.FileField(
        label="Add files",
        required=False,
        widget=SeveralFiles(attrs={"multiple": True}),
        help_text="Everybody gets them. At most 25 MB together; 10 MB is safer.",
    )

    def clean_source(self) -> str:
        source: Any = self.cleaned_data["source"]
        if not source.strip():
            raise forms.ValidationError("The text is empty: upload a file or write one.")
        return str(source)
