"""What makes a one-time link: a secret of 32 octets, kept as its hash, good for a day."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

MANAGER: Final = "manager"
"""The one account's user name."""

SECRET_OCTETS: Final = 32
LIFETIME: Final = timedelta(hours=24)


def hash_of(secret: str) -> bytes:
    """A plain hash is enough: the secret has 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


def oldest_valid(now: datetime) -> datetime:
    """A link made before this no longer signs in."""
    return now - LIFETIME
