"""One e-mail address: its syntax, and the key by which two are the same person.

The key lower-cases both parts. RFC 5321, 2.4 lets a host tell local parts apart
by case, but no provider of note does, and a person who unsubscribed as
Ann@example.org must not be written to as ann@example.org: the key is for
comparing, the address keeps the case it was given.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

MAX_ADDRESS = 254
"""Octets of a whole address (RFC 5321, 4.5.3.1.3, without the brackets)."""
MAX_LOCAL = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ORDINARY = re.compile(
    rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+[A-Za-z](?:[A-Za-z0-9]{{0,62}}))"
)
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Address:
    """`address` is what will be written to, its domain in A-labels (RFC 5890).

    `key` is the normalised form, equal for addresses that mean one person.
    """

    address: str
    key: str

    @property
    def hash(self) -> bytes:
        return hash_of(self.key)


@dataclass(frozen=True, slots=True)
class BadAddress:
    """`text` names what is wrong and ends with what to do."""

    text: str


def hash_of(key: str) -> bytes:
    """sha256 of a normalised address: what the suppression list keeps, 32 octets."""
    return hashlib.sha256(key.encode()).digest()


def parse_address(text: str) -> Address | BadAddress:
    """One address, with nothing around it but spaces. Never raises.

    ASCII addresses of the ordinary form take a short cut that agrees with the
    full check (a test says so); it is what makes a million rows affordable.
    """
    text = text.strip(" \t\u00a0\ufeff")
    ordinary = _ORDINARY.fullmatch(text)
    if ordinary and len(text) <= MAX_ADDRESS and "--" not in ordinary["domain"]:
        local, domain = ordinary["local"], ordinary["domain"].lower()
        if len(local) <= MAX_LOCAL:
            return Address(f"{local}@{domain}", f"{local.lower()}@{domain}")
    return _parse_fully(text)


def _parse_fully(text: str) -> Address | BadAddress:
    fault = _plain_fault(text)
    if fault:
        return BadAddress(fault)
    try:
        valid = validate_email(
            text,
            check_deliverability=False,
            allow_quoted_local=True,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        return BadAddress(f"{str(error).rstrip('.')}: mend it.")
    local = valid.local_part
    domain = valid.ascii_domain.lower()
    if len(f"{local}@{domain}".encode()) > MAX_ADDRESS:
        return BadAddress(f"is longer than {MAX_ADDRESS} octets: no server would take it, mend it.")
    key = unicodedata.normalize("NFC", local.lower())
    return Address(f"{local}@{domain}", f"{key}@{domain}")


def _plain_fault(text: str) -> str | None:
    """The usual slips, said in plain words before the full check sees them."""
    control = control_in(text)
    if control:
        return f"contains {control}: take it out."
    if not text:
        return "is empty: write it as name@example.org."
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ADDRESS:
        return f"is longer than {MAX_ADDRESS} octets: no server would take it, mend it."
    local, at, domain = text.rpartition("@")
    if not at:
        return "has no @: write it as name@example.org."
    if not local:
        return "has nothing before the @: write it as name@example.org."
    if len(local.encode("utf-8", "surrogatepass")) > MAX_LOCAL:
        return f"has more than {MAX_LOCAL} octets before the @: no server would take it, mend it."
    return _local_fault(local) or _domain_fault(domain)


def _local_fault(local: str) -> str | None:
    if local.startswith('"'):
        return None
    if "@" in local:
        return "has more than one @: keep one, or write two addresses apart."
    if _SPACE.search(local):
        return "has a space before the @: take it out."
    if ".." in local or local.startswith(".") or local.endswith("."):
        return "has a dot too many before the @: take it out."
    return None


def _domain_fault(domain: str) -> str | None:
    if not domain:
        return "has nothing after the @: write it as name@example.org."
    if domain.startswith("["):
        return "has a number in brackets for a host: write the name of the host instead."
    if _SPACE.search(domain):
        return "has a space after the @: take it out."
    if ".." in domain or domain.startswith(".") or domain.endswith("."):
        return "has a dot too many after the @: take it out."
    if "." not in domain:
        return f"has no dot after the @: complete the domain, as in {domain[:40]}.org."
    if domain.rpartition(".")[2].isdigit():
        return "ends in a number: write the name of the host instead."
    return None


_SEPARATORS = {"\u2028": "a line separator (U+2028)", "\u2029": "a paragraph separator (U+2029)"}


def control_in(text: str) -> str | None:
    """Names the first character that must never reach a header, or None.

    Control characters (CR, LF and NUL among them), U+2028, U+2029 and lone
    surrogates; what a name, a company or an address may not contain.
    """
    if text.isprintable():
        return None
    for character in text:
        if character in "\r\n":
            return "a line break"
        if character in _SEPARATORS:
            return _SEPARATORS[character]
        if unicodedata.category(character) in ("Cc", "Cs"):
            return f"a control character (U+{ord(character):04X})"
    return None


def shown(address: str) -> str:
    """The address for people's eyes: an internationalised domain in its own script."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return local + at + domain.encode("ascii").decode("idna")
    except UnicodeError:
        return address
