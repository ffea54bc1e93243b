"""What is typed and chosen about a source."""

from collections.abc import Iterable
from typing import Any, Final

from django import forms

from postroad.core.criteria.schema import Kind, Mapping, Table
from postroad.core.source.connection import SCHEMA, Dialect, SourceFields, Tls
from postroad.web.console.limit.forms import digits

_PASSWORDS: Final = ("deploy_password", "run_password")


def _text(missing: str, **more: Any) -> forms.CharField:
    plain = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(widget=plain, error_messages={"required": missing}, **more)


def _password(label: str) -> forms.CharField:
    hidden = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, required=False, strip=False, widget=hidden)


class SourceForm(forms.Form):
    """`kept`: the passwords that are stored, and stay when nothing is typed."""

    name = _text("The source has no name: give it one.", help_text="Your word for it: Shop.")
    dialect = forms.ChoiceField(
        label="Kind",
        choices=[(each.value, each.words) for each in Dialect],
        widget=forms.RadioSelect,
        initial=Dialect.POSTGRESQL.value,
        help_text="MySQL 8 goes by MariaDB's dialect and is untested.",
    )
    host = _text("No host is named: write it like db.example.org.")
    port = forms.IntegerField(
        required=False,
        widget=digits(),
        help_text="Empty: 5432 for PostgreSQL, 3306 for MariaDB.",
        error_messages={"invalid": "A port is a number from 1 to 65535, or empty."},
    )
    database = _text("No database is named: write the one the people are in.")
    tls = forms.ChoiceField(
        label="TLS",
        choices=[
            (Tls.VERIFIED.value, "Checked"),
            (Tls.ENCRYPTED.value, "Encrypted only"),
            (Tls.NONE.value, "None"),
        ],
        widget=forms.RadioSelect,
        initial=Tls.VERIFIED.value,
        help_text="Checked: the certificate has to be this host's. None is for a network of yours.",
    )
    ca_file = forms.CharField(
        label="Own authority", required=False,
        help_text="A PEM file on this machine, for a certificate signed by your own.",
    )  # fmt: skip
    deploy_user = _text(
        "No deploy user is named: write the account that may create routines.",
        initial="postroad_deploy",
    )
    deploy_password = _password("Deploy password")
    run_user = _text(
        "No run user is named: write the account that may execute them only.",
        initial="postroad_run",
    )
    run_password = _password("Run password")
    schema = _text(
        "No schema is named: postroad suits most.", initial=SCHEMA,
        help_text="Where routines go, and nothing else; in MariaDB a database of its own.",
    )  # fmt: skip
    timeout_seconds = forms.IntegerField(
        label="Time-out in seconds", widget=digits(), initial=30,
        help_text="After which the server stops a statement of ours.",
        error_messages={
            "invalid": "Write a number from 1 to 3600: 30 suit most.",
            "required": "Write a number from 1 to 3600: 30 suit most.",
        },
    )  # fmt: skip

    def __init__(self, data: Any, initial: dict[str, Any], *, kept: Iterable[str] = ()) -> None:
        super().__init__(data, initial=initial)
        for name in kept:
            self.fields[name].help_text = "One is kept. Leave this empty to keep it."

    def to_command(self) -> SourceFields:
        """Nothing typed keeps a password, if there is one."""
        typed = dict(self.cleaned_data)
        dialect = Dialect(typed.pop("dialect"))
        tls = Tls(typed.pop("tls"))
        port = typed.pop("port")
        for name in _PASSWORDS:
            typed[name] = typed[name] or None
        return SourceFields(
            dialect=dialect, tls=tls, port=dialect.port if port is None else port, **typed
        )


_ROLES: Final = (
    ("key", "Key", "Tells people apart; never empty, never there twice."),
    ("address", "E-mail", ""),
    ("name", "Whole name", ""),
    ("first_name", "First name", ""),
    ("last_name", "Last name", ""),
    ("zone", "Time zone", "Like Europe/Vienna; where it is empty, the campaign's holds."),
    ("consent", "Consent", "Yes or no: whoever says no, or nothing, is left out."),
)
_NEEDED: Final = ("key", "address")


class MappingForm(forms.Form):
    """Columns of one table, by what they say of a person."""

    def __init__(self, data: Any, table: Table, guess: Mapping) -> None:
        super().__init__(data)
        self._table = table
        for role, label, hint in _ROLES:
            self.fields[role] = forms.ChoiceField(
                label=label,
                required=role in _NEEDED,
                choices=[("", "None"), *_choices(table, role)],
                initial=getattr(guess, role),
                help_text=hint,
                error_messages={"required": "Choose a column, or go back to another table."},
            )
        self.fields["variables"] = forms.MultipleChoiceField(
            label="Letters may also name",
            required=False,
            choices=[(each.name, each.name) for each in table.columns if each.kind != Kind.OTHER],
            initial=guess.variables,
        )

    def to_command(self) -> Mapping:
        chosen = dict(self.cleaned_data)
        variables = tuple(chosen.pop("variables"))
        return Mapping(self._table.name, variables=variables, **chosen)


def _choices(table: Table, role: str) -> list[tuple[str, str]]:
    wanted = {"key": None, "consent": Kind.BOOLEAN}.get(role, Kind.TEXT)
    return [(column.name, column.name) for column in table.columns if wanted in (None, column.kind)]
