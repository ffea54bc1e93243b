"""What is known about the manager's sign-in."""

from datetime import datetime

from django.contrib.auth.models import User

from postroad.store.models import SetupLink
from postroad.store.setup_link import MANAGER, hash_of, oldest_valid


def has_password() -> bool:
    """Whether the manager can sign in without a link."""
    user = User.objects.filter(username=MANAGER).first()
    return user is not None and user.has_usable_password()


def is_link_open(secret: str, now: datetime) -> bool:
    """Whether the link would still sign in: known, unused and not too old."""
    return SetupLink.objects.filter(
        secret_sha256=hash_of(secret), used_at__isnull=True, made_at__gt=oldest_valid(now)
    ).exists()
