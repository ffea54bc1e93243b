"""What common providers ask of those who send through them: facts, as they published them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RelayPreset:
    """`per_minute` and `per_day` None: none is published. `sign_in` ends with what to do."""

    key: str
    name: str
    host: str
    port: int
    tls: str
    per_minute: int | None
    per_day: int | None
    sign_in: str


_APP_SIGN_IN: Final = "The usual password is refused: make an app password in the account."

PRESETS: Final = (
    RelayPreset("gmail", "Gmail", "smtp.gmail.com", 587, "starttls", None, 500, _APP_SIGN_IN),
    RelayPreset(
        "workspace", "Google Workspace", "smtp.gmail.com", 587, "starttls", None, 2_000,
        _APP_SIGN_IN,
    ),
    RelayPreset(
        "microsoft365", "Microsoft 365", "smtp.office365.com", 587, "starttls", 30, 10_000,
        "Passwords work only where the administrator allows SMTP AUTH: have it allowed first.",
    ),
    RelayPreset(
        "icloud", "iCloud", "smtp.mail.me.com", 587, "starttls", None, 1_000, _APP_SIGN_IN
    ),
    RelayPreset(
        "yahoo", "Yahoo", "smtp.mail.yahoo.com", 465, "implicit", None, 500, _APP_SIGN_IN
    ),
    RelayPreset(
        "fastmail", "Fastmail", "smtp.fastmail.com", 465, "implicit", None, None, _APP_SIGN_IN
    ),
    RelayPreset(
        "gmx", "GMX", "mail.gmx.net", 587, "starttls", None, None,
        "Sending by other programs is off at first: allow it in the account's settings.",
    ),
    RelayPreset(
        "ses", "Amazon SES", "email-smtp.eu-central-1.amazonaws.com", 587, "starttls", 60, 200,
        "SES has credentials of its own for SMTP: make them there, and put in your region and, "
        "once it is out of its sandbox, your limits.",
    ),
    RelayPreset(
        "brevo", "Brevo", "smtp-relay.brevo.com", 587, "starttls", None, 300,
        "The password is an SMTP key: make one in the account.",
    ),
    RelayPreset(
        "mailjet", "Mailjet", "in-v3.mailjet.com", 587, "starttls", None, 200,
        "User and password are the API key and its secret: copy both from the account.",
    ),
    RelayPreset(
        "postmark", "Postmark", "smtp.postmarkapp.com", 587, "starttls", None, None,
        "User and password are both the server token: copy it from the account.",
    ),
)  # fmt: skip


def preset(key: str) -> RelayPreset | None:
    return next((one for one in PRESETS if one.key == key), None)
