"""Secrets at rest: one key outside the database, one derived key a purpose."""

import os
import secrets
from pathlib import Path
from typing import Final, NewType

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from postroad.settings import Settings

Key = NewType("Key", bytes)

KEY_OCTETS: Final = 32
_VERSION: Final = b"\x01"
_NONCE_OCTETS: Final = 12


class BadKey(Exception):
    """The key file, or what was encrypted with it, cannot be used. The text is for people."""


def load_key(path: Path, *, makes: bool = True) -> Key:
    """The key in `path`; made there, mode 0600, when there is none and `makes`.

    Two starters at once agree on one key: a whole file is linked into place
    and the second finds it taken.
    """
    if makes and not path.exists():
        _make_key(path)
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise BadKey(
            f"{path} cannot be read ({error.strerror}). Put the key of the other hosts there, "
            "or one made by `openssl rand -hex 32`, readable for this account only."
        ) from error
    key = _from_hex(octets) or octets
    if len(key) != KEY_OCTETS:
        raise BadKey(
            f"{path} is no key of {KEY_OCTETS} octets but has {len(octets)}. "
            "Put the right file back from a backup; without it, stored passwords are lost."
        )
    return Key(key)


def _from_hex(octets: bytes) -> bytes | None:
    """Secret stores carry text: 64 hex digits, perhaps with an end of line."""
    text = octets.strip()
    is_hex = len(text) == 2 * KEY_OCTETS and all(
        octet in b"0123456789abcdefABCDEF" for octet in text
    )
    return bytes.fromhex(text.decode("ascii")) if is_hex else None


def key_of(settings: Settings) -> Key:
    """A key that was named is never made: a host that lacks it must not invent one."""
    return load_key(settings.key_file, makes=settings.named_key_file is None)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_OCTETS))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(part, path)
        except FileExistsError:
            return
    finally:
        part.unlink()


def derive(key: Key, purpose: str) -> bytes:
    """32 octets of their own for `purpose` (RFC 5869)."""
    return HKDF(SHA256(), KEY_OCTETS, salt=None, info=f"postroad {purpose}".encode()).derive(key)


def encrypt(key: Key, purpose: str, plaintext: str) -> bytes:
    """A token that only `decrypt` with the same key and purpose opens (AES-256-GCM)."""
    nonce = secrets.token_bytes(_NONCE_OCTETS)
    sealed = AESGCM(derive(key, purpose)).encrypt(nonce, plaintext.encode(), purpose.encode())
    return _VERSION + nonce + sealed


def decrypt(key: Key, purpose: str, token: bytes) -> str:
    """What `encrypt` was given. Raises BadKey for another key, purpose or a changed token."""
    start = len(_VERSION) + _NONCE_OCTETS
    nonce, sealed = token[len(_VERSION) : start], token[start:]
    # What has another version is no token of ours and fails like a changed one.
    purposed = purpose.encode() if token.startswith(_VERSION) else b""
    try:
        return AESGCM(derive(key, purpose)).decrypt(nonce, sealed, purposed).decode()
    except (InvalidTag, ValueError) as error:
        raise BadKey(
            f"A stored secret ({purpose}) was encrypted with another key. "
            "Put the key file back that belongs to this database, or enter the secret again."
        ) from error
