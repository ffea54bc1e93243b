"""What outsiders say to Postroad and hear from it over the broker. Schemas, no I/O.

docs/messages/asyncapi.yaml describes the same; a test holds the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from .address import Address, BadAddress, parse_address
from .contact import MAX_ATTRIBUTE, text_fault
from .journal import KINDS, MAILS
from .variables import body_problem

MAX_OCTETS: Final = 65_536
"""Of one message to postroad.submit."""
RESERVED: Final = frozenset({"address", "name", "unsubscribe_url"})
"""Variables that the message names beside `data`, or that are ours."""
_DEEPEST: Final = 8

Big = Annotated[int, Meta(ge=1, le=2**63 - 1)]
Number = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Attempt = Annotated[int, Meta(ge=0, le=2**15 - 2)]


class DeadLetter(Struct, frozen=True, forbid_unknown_fields=True):
    """Of postroad.dead; moved to postroad.submit it asks for a requeue."""

    run: Big
    n: Number
    attempt: Attempt
    reason: str = ""
    v: Literal[1] = 1


class Submission(Struct, frozen=True, forbid_unknown_fields=True):
    """One recipient for a campaign that is open. `id` makes a repeat harmless."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    campaign: Big
    address: str
    name: str = ""
    data: dict[Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,79}$")], Any] = {}
    v: Literal[1] = 1


class Event(Struct, frozen=True, omit_defaults=True):
    """One row of the journal, of postroad.events.

    `position` rises; what is heard twice has the same one. `key` is the person's
    in their source, `id` that of the submission the run was made of.
    """

    v: Literal[1] = msgspec.field(name="v")
    position: int
    at: datetime
    kind: str
    run: int | None = None
    campaign: int | None = None
    n: int | None = None
    attempt: int | None = None
    key: str | None = None
    id: str | None = None
    code: int | None = None
    enhanced: str | None = None
    text: str = ""


PUBLISHED: Final[tuple[str, ...]] = tuple(
    kind
    for group in (MAILS, "Runs", "Queues", "From outside", "Decisions", "Workers and relays")
    for kind in KINDS[group]
)
"""Kinds of journal rows that become events. What the manager does to people and papers does not."""
_OF_WORKERS: Final = ("reaped", "drain", "rest_ended")


def routing_key(event: Event) -> str:
    """'delivery.accepted', 'run.stopped', 'worker.reaped', 'relay.relay_stopped', 'queue.…'."""
    if event.n is not None:
        family = "delivery"
    elif event.kind in _OF_WORKERS:
        family = "worker"
    elif event.kind.startswith("relay_"):
        family = "relay"
    else:
        family = "queue" if event.run is None else "run"
    return f"{family}.{event.kind}"


@dataclass(frozen=True, slots=True)
class Unfit:
    """A message that is put aside. The text names what is wrong and ends with what to do.

    `id` and `campaign` where it could be read that far.
    """

    text: str
    id: str | None = None
    campaign: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that is sound in itself; whether its campaign is open is not known here."""

    submission: Submission
    address: Address


def read_message(body: bytes) -> DeadLetter | Accepted | Unfit:
    """What came to postroad.submit. Never raises, whatever came."""
    if len(body) > MAX_OCTETS:
        return Unfit(f"The message has more than {MAX_OCTETS:,} octets: send less data.")
    try:
        fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Unfit("The message is no JSON object: see docs/messages.")
    try:
        if "campaign" in fields:
            return _sound(msgspec.json.decode(body, type=Submission))
        return msgspec.json.decode(body, type=DeadLetter)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Unfit(f"The message does not fit its schema: {error}. See docs/messages.")


def _sound(found: Submission) -> Accepted | Unfit:
    address = parse_address(found.address)
    if isinstance(address, BadAddress):
        return Unfit(f"The address {address.text}", found.id, found.campaign)
    for fault in _faults(found):
        return Unfit(fault, found.id, found.campaign)
    return Accepted(found, address)


def _faults(found: Submission) -> Iterator[str]:
    for field, text in (("id", found.id), ("name", found.name)):
        fault = text_fault(text)
        if fault:
            yield f"The {field} {fault}"
    for name, value in found.data.items():
        if name in RESERVED:
            yield f"data.{name} is a name of ours: send it under another."
        fault = _value_fault(value, 0)
        if fault:
            yield f"data.{name} {fault}"


def _value_fault(value: object, depth: int) -> str | None:
    """Why a value cannot fill a mail, or None: what the database would not keep, among others."""
    if depth > _DEEPEST:
        return f"is nested more than {_DEEPEST} deep: make it flat."
    if isinstance(value, str):
        if len(value) > MAX_ATTRIBUTE:
            return f"is longer than {MAX_ATTRIBUTE:,} characters: shorten it."
        problem = body_problem(value)
        return f"contains a {problem}: take it out." if problem else None
    if isinstance(value, dict):
        inner: list[object] = [*value, *value.values()]
        return next(filter(None, (_value_fault(each, depth + 1) for each in inner)), None)
    if isinstance(value, list):
        return next(filter(None, (_value_fault(each, depth + 1) for each in value)), None)
    return None


REFUSALS: Final = {
    "unknown": "There is no such campaign: send the number that its page shows.",
    "closed": "The campaign is not open for single mails: open it in the console.",
    "incomplete": "The campaign is not complete: its page shows what is missing.",
}
"""Outcome of submit_delivery → what is said of a message that made nothing."""
