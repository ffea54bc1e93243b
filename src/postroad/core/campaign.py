"""The rules of a campaign: its fields, personal or bulk, and what Verify asks for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from .address import BadAddress, parse_address
from .contact import text_fault
from .ids import AudienceId, ContentId, RelayId
from .unknown import MOST_RESENDS, UnknownPolicy

PERSONAL_LIMIT = 500
"""People one can know; a personal campaign to more is refused at Verify."""

FREE_MAIL = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "yahoo.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "aol.com",
        "icloud.com",
        "gmx.de",
        "gmx.net",
        "gmx.at",
        "web.de",
        "t-online.de",
        "mail.ru",
        "yandex.ru",
        "proton.me",
    }
)
"""Domains whose owners refuse bulk mail in their name from anybody else (DMARC)."""


@dataclass(frozen=True, slots=True)
class CampaignFields:
    """What the manager fills in. A draft may have gaps; Verify asks for the rest."""

    name: str
    is_personal: bool = True
    audience_id: AudienceId | None = None
    content_id: ContentId | None = None
    relay_id: RelayId | None = None
    sender_name: str = ""
    sender_address: str = ""
    reply_to: str = ""
    postal_address: str = ""
    unknown_policy: UnknownPolicy = UnknownPolicy.HOLD
    resend_limit: int = 1

    def matters_beside(self, before: "CampaignFields") -> bool:
        """Whether a run would differ from one of `before`: more than the name changed."""
        return self != replace(before, name=self.name)


def field_faults(fields: CampaignFields) -> dict[str, str]:
    """Field → what is wrong, ending with what to do. Gaps are no faults, a name apart."""
    return dict(_field_faults(fields))


def _field_faults(fields: CampaignFields) -> Iterator[tuple[str, str]]:
    if not fields.name.strip():
        yield "name", "The campaign has no name: give it one."
    for field in ("name", "sender_name"):
        fault = text_fault(getattr(fields, field))
        if fault:
            yield field, f"This {fault}"
    for field in ("sender_address", "reply_to"):
        text = getattr(fields, field)
        parsed = parse_address(text) if text.strip() else None
        if isinstance(parsed, BadAddress):
            yield field, f"The address {parsed.text}"
    for line in fields.postal_address.splitlines():
        fault = text_fault(line)
        if fault:
            yield "postal_address", f"The postal address {fault}"
    if not 1 <= fields.resend_limit <= MOST_RESENDS:
        yield "resend_limit", f"Write a number from 1 to {MOST_RESENDS}: 1 suits most campaigns."


class Severity(StrEnum):
    RED = "red"
    """Blocks."""
    YELLOW = "yellow"
    """Asks to be acknowledged."""
    BLUE = "blue"
    """Informs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist. `key` names the field or step that mends it."""

    severity: Severity
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class ChecklistFacts:
    """What is known about a campaign before Verify.

    `people`: how many the audience has now who may be mailed, None = not known.
    `chosen` and `suppressed`: how many it chooses in all, and addresses of them
    that are not written to.
    """

    fields: CampaignFields
    people: int | None
    has_revision: bool
    is_sandbox: bool
    public_url: str
    chosen: int | None = None
    suppressed: int | None = None
    has_lookup: bool = True
    """Whether the relay has a look-up that can be asked about unknown mails."""


def checklist(facts: ChecklistFacts) -> list[Check]:
    """Red first. No red means that Verify may be pressed."""
    order = list(Severity)
    return sorted(_checks(facts), key=lambda check: order.index(check.severity))


def single_mail_gaps(checks: Sequence[Check]) -> tuple[Check, ...]:
    """Those that keep a campaign from being open: who gets the mails is no question then."""
    of_audience = ("audience", "is_personal")
    return tuple(
        check for check in checks if check.severity is Severity.RED and check.key not in of_audience
    )


def _checks(facts: ChecklistFacts) -> Iterator[Check]:
    yield from _missing(facts)
    if facts.fields.is_personal:
        yield from _personal(facts)
    else:
        yield from _bulk(facts)
    if facts.is_sandbox:
        text = "The relay is the sandbox: nothing leaves this machine."
        yield Check(Severity.BLUE, "relay", text)
    if facts.fields.unknown_policy is UnknownPolicy.LOOK_UP and not facts.has_lookup:
        text = "The relay has no look-up: unknown mails would wait for you. Name one at the relay."
        yield Check(Severity.YELLOW, "lookup", text)


def _missing(facts: ChecklistFacts) -> Iterator[Check]:
    fields = facts.fields
    for key, text in field_faults(fields).items():
        yield Check(Severity.RED, key, text)
    if fields.audience_id is None:
        yield Check(Severity.RED, "audience", "Nobody is chosen: choose an audience.")
    elif facts.people == 0:
        text = "The audience is empty: add people to it, or choose another."
        yield Check(Severity.RED, "audience", text)
    if fields.content_id is None or not facts.has_revision:
        yield Check(Severity.RED, "content", "There is nothing to send: choose a content.")
    if fields.relay_id is None:
        yield Check(Severity.RED, "relay", "No relay is chosen: choose one.")
    if not fields.sender_address.strip():
        text = "The sender has no address: fill in who writes."
        yield Check(Severity.RED, "sender_address", text)


def _personal(facts: ChecklistFacts) -> Iterator[Check]:
    if facts.people is not None and facts.people > PERSONAL_LIMIT:
        text = (
            f"A personal campaign goes to at most {PERSONAL_LIMIT} people, this one to"
            f" {facts.people:,}: choose a smaller audience, or make it a bulk campaign."
        )
        yield Check(Severity.RED, "is_personal", text)


def _bulk(facts: ChecklistFacts) -> Iterator[Check]:
    fields = facts.fields
    if not is_public_https(facts.public_url):
        text = (
            "A bulk campaign needs a public HTTPS address for unsubscribing in one click:"
            " set it under Settings."
        )
        yield Check(Severity.RED, "public_url", text)
    if not fields.postal_address.strip():
        text = "A bulk mail names the sender's postal address: fill it in."
        yield Check(Severity.RED, "postal_address", text)
    sender = parse_address(fields.sender_address)
    domain = "" if isinstance(sender, BadAddress) else sender.key.rpartition("@")[2]
    if domain in FREE_MAIL:
        text = (
            f"{domain} is not yours, and receivers refuse bulk mail in its name: use your domain."
        )
        yield Check(Severity.YELLOW, "sender_address", text)


_PLAIN = re.compile(r"https://[A-Za-z0-9._~:/!$&'()*+,;=%-]{1,500}")
"""Without query and fragment. urlsplit alone passes over line breaks."""
_PRIVATE = ("localhost", ".localhost", ".local", ".test", ".invalid")


def is_public_https(url: str) -> bool:
    """Whether recipients can reach it: https, and a host name that is not this machine's.

    It stands in a header of every bulk mail, with a path behind it (RFC 2369).
    """
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    is_name = "." in host and ":" not in host and not host.replace(".", "").isdigit()
    return parts.scheme == "https" and is_name and not host.endswith(_PRIVATE)
