"""What is known about the manager's sign-in."""

from datetime import datetime

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from postroad.store.models import SetupLink
from postroad.store.setup_link import MANAGER, hash_of, oldest_valid


def has_password() -> bool:
    """Whether the manager can sign in without a link."""
    user = User.objects.filter(username=MANAGER).first()
    return user is not None and user.has_usable_password()


def password_faults(password: str) -> tuple[str, ...]:
    """Why this is no good password; () when it is one."""
    try:
        validate_password(password)
    except ValidationError as error:
        return tuple(error.messages)
    return ()


def is_link_open(secret: str, now: datetime) -> bool:
    """Whether the link would still sign in: known, unused and not too old."""
    return SetupLink.objects.filter(
        secret_sha256=hash_of(secret), used_at__isnull=True, made_at__gt=oldest_valid(now)
    ).exists()
