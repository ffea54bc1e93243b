"""What all forms share: problems of the domain land on the fields they are about."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

# The one fault whose words a form cannot choose field by field.
ProhibitNullCharactersValidator.message = (
    "This holds a NUL, a character that no text has: take it out, or type the line anew."
)


class BoxField(forms.CharField):
    """A box of many pieces, each judged by itself: a NUL spoils its own piece only."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [
            each
            for each in self.validators
            if not isinstance(each, ProhibitNullCharactersValidator)
        ]


def put_faults(form: forms.Form, faults: Mapping[str, str]) -> None:
    """A fault of a field that the form does not have is one of the whole form."""
    for name, text in faults.items():
        form.add_error(name if name in form.fields else None, text)


def words_of(text: str) -> tuple[str, ...]:
    """'press, vinyl' as its words; commas and semicolons part them."""
    return tuple(word for part in text.split(",") for word in part.split(";") if word.strip())
