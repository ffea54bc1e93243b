"""What all forms share: problems of the domain land on the fields they are about."""

from collections.abc import Mapping
from typing import Any, assert_never

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.http import HttpResponse

from postroad.core.saved import Gone, Refused, Saved, Unchanged

from .request import Request
from .respond import see_other

Outcome = Saved[Any] | Unchanged[Any] | Refused | Gone

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


def after_form(
    request: Request,
    form: forms.Form,
    outcome: Outcome,
    to: str,
    *args: object,
    said: str,
    gone: str,
) -> HttpResponse | None:
    """Where what was saved leads; None: it was refused, and the faults are on the form."""
    match outcome:
        case Saved():
            return see_other(request, to, *args, toast=said)
        case Unchanged():
            return see_other(request, to, *args, toast="Nothing changed")
        case Gone(text):
            return see_other(request, gone, toast=text)
        case Refused(faults):
            put_faults(form, faults)
            return None
        case _:
            assert_never(outcome)


def words_of(text: str) -> tuple[str, ...]:
    """'press, vinyl' as its words; commas and semicolons part them."""
    return tuple(word for part in text.split(",") for word in part.split(";") if word.strip())
