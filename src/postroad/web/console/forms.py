"""What all forms share: problems of the domain land on the fields they are about."""

from collections.abc import Mapping

from django import forms


def put_faults(form: forms.Form, faults: Mapping[str, str]) -> None:
    """A fault of a field that the form does not have is one of the whole form."""
    for name, text in faults.items():
        form.add_error(name if name in form.fields else None, text)


def words_of(text: str) -> tuple[str, ...]:
    """'press, vinyl' as its words; commas and semicolons part them."""
    return tuple(word for part in text.split(",") for word in part.split(";") if word.strip())
