"""The demo's proof: what the relay took lies in the inbox, whole, and reads back strictly."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from typing import TYPE_CHECKING

from postroad.core.ids import RunId
from postroad.core.lifecycle import DeliveryState

if TYPE_CHECKING:
    from postroad.app import App

_PAGE = 100
_ONCE = ("From", "To", "Subject", "Message-ID", "Date")
_PARSER = BytesParser(policy=policy.strict)


@dataclass(slots=True)
class Proof:
    """`faults` are for people; none means that everything was as promised."""

    mails: int = 0
    faults: list[str] = field(default_factory=list)


def prove(app: "App", run_id: RunId, file_name: str, file: bytes) -> Proof:
    """Reads every accepted mail of a run out of the sandbox inbox."""
    expected = {
        f"<{row.message_id}>": row.address
        for row in app.runs.deliveries(run_id)
        if row.state == DeliveryState.ACCEPTED
    }
    proof = Proof(mails=len(expected))
    seen: set[str] = set()
    for message_id, recipient, content in _newest(app, len(expected)):
        if message_id not in expected:
            continue
        if message_id in seen:
            proof.faults.append(f"{recipient} has {message_id} twice")
        seen.add(message_id)
        fault = mail_fault(content, expected[message_id], file_name, file)
        if fault:
            proof.faults.append(f"{recipient}: {fault}")
    proof.faults += [f"{expected[gone]} has no mail" for gone in expected.keys() - seen]
    return proof


def _newest(app: "App", wanted: int) -> Iterator[tuple[str, str, bytes]]:
    """Message-ID, recipient and content, newest first; some more than wanted, for doubles."""
    before, left = None, 2 * wanted + _PAGE
    while left > 0 and (page := app.inbox.page(before, _PAGE)):
        for entry in page:
            mail = app.inbox.get(entry.id)
            if mail is not None:
                yield entry.message_id, entry.recipient, mail.content
        before, left = page[-1].id, left - len(page)


def mail_fault(content: bytes, recipient: str, file_name: str, file: bytes) -> str | None:
    """What is wrong with a mail of the demo, read without any tolerance; None when nothing is."""
    try:
        message = _PARSER.parsebytes(content)
        parts = list(message.walk())
        if any(part.defects for part in parts):
            return "it does not parse strictly"
        return _header_fault(message, recipient) or _part_fault(message, file_name, file)
    except (MessageError, ValueError, LookupError) as error:
        return f"it does not parse strictly ({error})"


def _header_fault(message: EmailMessage, recipient: str) -> str | None:
    for name in _ONCE:
        if len(message.get_all(name, [])) != 1:
            return f"it has not exactly one {name}"
    addresses = [address.addr_spec for address in message["To"].addresses]
    return None if addresses == [recipient] else "it is addressed to somebody else"


def _part_fault(message: EmailMessage, file_name: str, file: bytes) -> str | None:
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        if body is None or "Mara Lindqvist" not in body.get_content():
            return f"the letter is not in its {kind} part"
    attached = [(part.get_filename(), part.get_content()) for part in message.iter_attachments()]
    if attached != [(file_name, file)]:
        return "the attachment is not what was sent"
    return None
