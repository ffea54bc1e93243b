"""The manager's account: links, name and password."""

import secrets
from datetime import datetime

from axes.utils import reset
from django.contrib.auth.models import User
from django.db import transaction

from postroad.store.models import SetupLink
from postroad.store.setup_link import MANAGER, SECRET_OCTETS, hash_of, oldest_valid


def make_setup_link(now: datetime) -> str:
    """A new secret for /account/link/<secret>/. Earlier links that are unused stay good.

    Links that are too old to sign in are forgotten.
    """
    secret = secrets.token_urlsafe(SECRET_OCTETS)
    with transaction.atomic(durable=True):
        SetupLink.objects.filter(made_at__lte=oldest_valid(now)).delete()
        SetupLink.objects.create(secret_sha256=hash_of(secret), made_at=now)
    return secret


def use_setup_link(secret: str, now: datetime) -> User | None:
    """Use the link up and return the manager, made if needed; None when it is used or too old.

    One UPDATE decides, so of two presses at once one signs in. A lock-out by
    wrong passwords ends: the link proves more than a password does.
    """
    with transaction.atomic(durable=True):
        used = SetupLink.objects.filter(
            secret_sha256=hash_of(secret), used_at__isnull=True, made_at__gt=oldest_valid(now)
        ).update(used_at=now)
        if not used:
            return None
        reset()
        return _manager()


def rename_manager(name: str) -> None:
    """How the console addresses the manager."""
    with transaction.atomic(durable=True):
        user = _manager()
        user.first_name = name
        user.save(update_fields=["first_name"])


def set_password(password: str) -> User:
    """Set the manager's password (argon2). Other sessions end, this one by its page's care."""
    with transaction.atomic(durable=True):
        user = _manager()
        user.set_password(password)
        user.save(update_fields=["password"])
        return user


def _manager() -> User:
    user, is_new = User.objects.get_or_create(username=MANAGER)
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user
