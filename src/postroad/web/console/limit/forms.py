"""What is typed about limits; a relay's form has the same fields."""

from typing import Any

from django import forms

from postroad.core.limit import Limits


def digits() -> forms.TextInput:
    return forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})


def _limit(label: str, words: str) -> forms.IntegerField:
    fault = {"invalid": "Write a number, or leave it empty for no limit."}
    return forms.IntegerField(
        label=label, required=False, widget=digits(), help_text=words, error_messages=fault
    )


class LimitForm(forms.Form):
    """Empty is no limit."""

    per_minute = _limit("Mails a minute", "Evenly spaced, all workers together.")
    at_once = _limit("At once", "Begun and not answered yet, all workers together.")
    per_day = _limit("Mails a day", "In any 24 hours.")
    ramp_first = _limit("First day", "Warm-up: so many in its first 24 hours.")
    ramp_percent = _limit("More each day, %", "50: half as many again, up to the mails a day.")

    def to_limits(self) -> Limits:
        return Limits(**{name: self.cleaned_data[name] for name in LimitForm.base_fields})


def shown(limits: Limits) -> dict[str, Any]:
    """Limits as the form has them."""
    return {name: getattr(limits, name) for name in LimitForm.base_fields}
