"""The rules of a relay: what makes its fields fit to be used."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .contact import text_fault
from .limit import Limits, limit_faults
from .lookup import lookup_fault

TLS_CHOICES = ("none", "starttls", "implicit")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_HOST = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*\.?")
_IPV6 = re.compile(r"[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")


@dataclass(frozen=True, slots=True)
class RelayFields:
    """`password` None keeps the one that is stored; '' takes it away."""

    name: str
    host: str
    port: int
    tls: str = "starttls"
    user: str = ""
    password: str | None = field(default=None, repr=False)
    ca_file: str = ""
    per_minute: int | None = None
    per_day: int | None = None
    connections: int = 4
    chunking: bool = True
    at_once: int | None = None
    ramp_first: int | None = None
    ramp_percent: int | None = None
    lookup: str = ""
    """Who is asked about unknown mails: an address or a program; '' for nobody."""

    @property
    def limits(self) -> Limits:
        return Limits(
            self.per_minute, self.at_once, self.per_day, self.ramp_first, self.ramp_percent
        )


def is_host(text: str) -> bool:
    """Whether it has the form of a host's name or address."""
    return bool(_HOST.fullmatch(text) or _IPV6.fullmatch(text))


def relay_faults(fields: RelayFields) -> dict[str, str]:
    """Field → what is wrong, ending with what to do."""
    return dict(_faults(fields))


def _faults(fields: RelayFields) -> Iterator[tuple[str, str]]:
    if not fields.name.strip():
        yield "name", "The relay has no name: give it one."
    if not is_host(fields.host):
        yield "host", "This is no host name: write it like smtp.example.org."
    if not 0 < fields.port < 65536:
        yield "port", "A port is a number from 1 to 65535: most relays listen on 587 or 465."
    if fields.tls not in TLS_CHOICES:
        yield "tls", "Choose how the connection is protected: STARTTLS (587) or TLS (465)."
    elif fields.tls == "none" and fields.host not in LOOPBACK:
        text = "Mail and password would travel in clear: choose STARTTLS or TLS."
        yield "tls", text
    fault = lookup_fault(fields.lookup)
    if fault:
        yield "lookup", fault
    yield from _sign_in_faults(fields)
    yield from limit_faults(fields.limits)
    if not 1 <= fields.connections <= 100:
        yield "connections", "Between 1 and 100 connections are possible: 4 suit most relays."


def _sign_in_faults(fields: RelayFields) -> Iterator[tuple[str, str]]:
    for name in ("name", "user", "password"):
        fault = text_fault(getattr(fields, name) or "")
        if fault:
            yield name, f"This {fault}"
    if fields.password and not fields.user:
        yield "user", "A password needs a user: fill in the user the relay knows."
