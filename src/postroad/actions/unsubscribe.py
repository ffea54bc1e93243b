"""A recipient unsubscribes by the link or the header of a mail (RFC 8058)."""

from typing import Protocol

from postroad.core.address import shown
from postroad.core.ids import DeliveryNumber, RunId
from postroad.core.public_token import read_token
from postroad.core.unsubscribe import NoSuchMail, Unsubscribing, is_genuine, masked


class Mail(Protocol):
    @property
    def run_id(self) -> RunId: ...
    @property
    def n(self) -> DeliveryNumber: ...
    @property
    def secret(self) -> bytes: ...
    @property
    def address(self) -> str: ...
    @property
    def sender_name(self) -> str: ...
    @property
    def sender_address(self) -> str: ...
    @property
    def is_unsubscribed(self) -> bool: ...


class MailReads(Protocol):
    def named_mail(self, run_id: RunId, n: DeliveryNumber) -> Mail | None: ...


class UnsubscribeStore(Protocol):
    def unsubscribe_recipient(self, run_id: RunId, n: DeliveryNumber) -> bool: ...


def look_at(reads: MailReads, token: str) -> Unsubscribing | NoSuchMail:
    """What the address is about. Changes nothing, however often it is opened."""
    mail = _mail(reads, token)
    return NoSuchMail() if mail is None else _shown(mail, is_done=mail.is_unsubscribed)


def unsubscribe(
    reads: MailReads, store: UnsubscribeStore, token: str
) -> Unsubscribing | NoSuchMail:
    """From now on nothing more is sent to the mail's address. Asked again, the same answer."""
    mail = _mail(reads, token)
    if mail is None:
        return NoSuchMail()
    store.unsubscribe_recipient(mail.run_id, mail.n)
    return _shown(mail, is_done=True)


def _mail(reads: MailReads, token: str) -> Mail | None:
    """The mail whose secret the token holds."""
    named = read_token(token)
    if named is None:
        return None
    mail = reads.named_mail(named.run, named.n)
    return mail if is_genuine(named.secret, mail.secret if mail else None) else None


def _shown(mail: Mail, *, is_done: bool) -> Unsubscribing:
    return Unsubscribing(
        mail.sender_name or mail.sender_address, masked(shown(mail.address)), is_done
    )
