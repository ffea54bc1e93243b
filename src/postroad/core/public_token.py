"""The opaque name of a delivery in public addresses.

It holds 16 random octets that only the mail and the database know, so it can
be neither guessed nor made up (RFC 8058, section 3.1 asks for that).
"""

import base64
import binascii
import struct
from dataclasses import dataclass

from postroad.core.ids import DeliveryNumber, RunId

_HEAD = struct.Struct(">QI")
_SECRET_OCTETS = 16


@dataclass(frozen=True, slots=True)
class PublicToken:
    """`secret` must equal the delivery's token; compare it in constant time."""

    run: RunId
    n: DeliveryNumber
    secret: bytes


def write_token(run: int, n: int, secret: bytes) -> str:
    """URL-safe, 38 characters."""
    return base64.urlsafe_b64encode(_HEAD.pack(run, n) + secret).decode().rstrip("=")


def read_token(text: str) -> PublicToken | None:
    """None for anything that `write_token` cannot have made."""
    try:
        octets = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(octets) != _HEAD.size + _SECRET_OCTETS:
        return None
    run, n = _HEAD.unpack_from(octets)
    if run >= 1 << 63 or n >= 1 << 31:
        return None
    return PublicToken(RunId(run), DeliveryNumber(n), octets[_HEAD.size :])
