"""What the manager types about the account."""

from django import forms
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password

from postroad.core.contact import text_fault


class LoginForm(forms.Form):
    username = forms.CharField(
        initial="manager", widget=forms.HiddenInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
        error_messages={"required": "Type the password."},
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label="Your name",
        max_length=150,
        help_text="How the console addresses you. Recipients never see it.",
        error_messages={"required": "Type a name, for example Clara Voss."},
    )

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if fault := text_fault(name):
            raise forms.ValidationError(f"This {fault}")
        return name

    def to_command(self) -> str:
        return str(self.cleaned_data["name"])


class PasswordForm(forms.Form):
    """`current` is asked for only from those who signed in by password."""

    current = forms.CharField(
        label="Password so far",
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Type the password you have now."},
    )
    password = forms.CharField(
        label="New password",
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters; four words in a row are good.",
        error_messages={"required": "Type a new password."},
    )
    repeated = forms.CharField(
        label="New password again",
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type the new password a second time."},
    )

    def __init__(self, data: object, user: User, *, asks_current: bool) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # QueryDict or None, as Django's own
        self.user = user
        if not asks_current:
            del self.fields["current"]

    def clean_current(self) -> str:
        current = str(self.cleaned_data["current"])
        if not self.user.check_password(current):
            raise forms.ValidationError("This is not the password so far. Type it again.")
        return current

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> None:
        new, again = self.cleaned_data.get("password"), self.cleaned_data.get("repeated")
        if new and again and new != again:
            self.add_error("repeated", "The two differ. Type the same password twice.")

    def to_command(self) -> str:
        return str(self.cleaned_data["password"])
