"""The question of a launch: when, in which zone, and the number of mails typed."""

from datetime import date, datetime, time
from typing import Any

from django import forms

from postroad.core.launching import At, Now, When, typed_number

_FAULT_DATE = "Write the day like 2026-11-24."
_FAULT_TIME = "Write the time like 09:00."


class LaunchForm(forms.Form):
    """`typed` is there only where the number is to be typed; the server checks it again."""

    when = forms.ChoiceField(
        label="When",
        choices=[("now", "Now"), ("at", "At a time")],
        widget=forms.RadioSelect,
        initial="now",
        error_messages={"required": "Choose now, or a time."},
    )
    date = forms.DateField(
        label="Day",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _FAULT_DATE},
    )
    time = forms.TimeField(
        label="Time",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _FAULT_TIME},
    )
    zone = forms.CharField(label="Time zone", required=False, max_length=64, strip=True)
    is_second = forms.BooleanField(label="Of an hour that comes twice, the second", required=False)
    typed = forms.CharField(label="Type the number of mails to confirm", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("when") == "at":
            for name, fault in (("date", _FAULT_DATE), ("time", _FAULT_TIME)):
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, fault)
            if not cleaned.get("zone"):
                self.add_error("zone", "Name the zone, like Europe/Vienna.")
        return cleaned

    def to_command(self) -> tuple[When, int | None]:
        """When, and the number as it was typed, None for none."""
        typed = typed_number(self.cleaned_data.get("typed") or "")
        if self.cleaned_data["when"] != "at":
            return Now(), typed
        day: date = self.cleaned_data["date"]
        at: time = self.cleaned_data["time"]
        local = datetime.combine(day, at.replace(tzinfo=None))
        zone: str = self.cleaned_data["zone"]
        return At(local, zone, is_second=self.cleaned_data["is_second"]), typed
