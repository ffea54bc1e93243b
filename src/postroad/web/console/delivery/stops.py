"""One mail's road: its stations in the order of time, as the page shows them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from postroad.core.dialogue import Envelope, Line, dialogue_of
from postroad.core.lifecycle import FACT_RULES
from postroad.web.console import bars, figures


@dataclass(frozen=True, slots=True)
class Stop:
    """`at` None: now. `is_said`: `text` is quoted as it came. `lines`: the SMTP dialogue."""

    key: str
    at: datetime | None
    word: str
    tone: str
    text: str
    by: str = ""
    is_said: bool = False
    entry: int | None = None
    lines: tuple[Line, ...] = ()
    is_ahead: bool = False


class Fact(Protocol):
    """A journal row of the mail."""

    @property
    def id(self) -> int: ...
    @property
    def at(self) -> datetime: ...
    @property
    def attempt(self) -> int | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def code(self) -> int | None: ...
    @property
    def phase(self) -> str | None: ...
    @property
    def text(self) -> str: ...
    @property
    def dialogue(self) -> str | None: ...
    @property
    def relay(self) -> str | None: ...


class Mail(Protocol):
    """What a road is drawn from."""

    @property
    def address(self) -> str: ...
    @property
    def sender_address(self) -> str: ...
    @property
    def selected_at(self) -> datetime | None: ...
    @property
    def audience(self) -> str | None: ...
    @property
    def audience_version(self) -> int | None: ...
    @property
    def prepared_at(self) -> datetime | None: ...
    @property
    def prepared_by(self) -> UUID | None: ...
    @property
    def content(self) -> str | None: ...
    @property
    def revision(self) -> int | None: ...
    @property
    def size(self) -> int | None: ...
    @property
    def sha256(self) -> bytes | None: ...
    @property
    def is_sending(self) -> bool: ...
    @property
    def retry_attempt(self) -> int | None: ...
    @property
    def retry_due_at(self) -> datetime | None: ...


_WORDS: Final[Mapping[str, str]] = {
    "not_begun": "not begun",
    "settled_sent": "settled: was sent",
    "settled_resend": "settled: send again",
    "settled_drop": "settled: dropped",
    "discard_undone": "discard undone",
    "left_to_person": "waits for a person",
}
_TONES: Final[Mapping[str, str]] = {
    "requeued": "move",
    "discarded": "idle",
    "left_to_person": "warn",
}


def stops(mail: Mail, facts: tuple[Fact, ...]) -> list[Stop]:
    """Selected, prepared, each attempt and act, and what comes next."""
    known = sorted(facts, key=lambda fact: (fact.at, fact.id))
    envelope = Envelope(mail.sender_address, mail.address, mail.size or 0)
    return [*_before(mail), *(_stop(fact, envelope) for fact in known), *_ahead(mail)]


def _before(mail: Mail) -> Iterator[Stop]:
    if mail.selected_at:
        version = f" version {mail.audience_version}" if mail.audience_version else ""
        why = f"In the audience {mail.audience or 'that is deleted now'}{version}; frozen"
        yield Stop("selected", mail.selected_at, "selected", "idle", why, "select")
    if mail.prepared_at:
        sha256 = mail.sha256.hex()[:12] if mail.sha256 else "–"
        text = (
            f"{mail.content or 'A deleted content'}, revision {figures.number(mail.revision)},"
            f" {figures.octets(mail.size)}, sha256 {sha256}…"
        )
        by = f"worker {str(mail.prepared_by)[:8]}" if mail.prepared_by else ""
        yield Stop("prepared", mail.prepared_at, "prepared", "idle", text, by)


def _stop(fact: Fact, envelope: Envelope) -> Stop:
    said = fact.dialogue or ""
    ended_at = (fact.phase or "") if fact.code is None else ""
    return Stop(
        key=str(fact.id),
        at=fact.at,
        word=_WORDS.get(fact.kind, fact.kind),
        tone=_tone(fact.kind),
        text=fact.text,
        by=fact.actor,
        is_said=fact.code is not None,
        entry=fact.id,
        lines=dialogue_of(said, envelope, ended_at) if said or ended_at else (),
    )


def _ahead(mail: Mail) -> Iterator[Stop]:
    if mail.is_sending:
        yield Stop("now", None, "sending", "move", "Begun; the relay's reply is not read yet")
    if mail.retry_due_at:
        text = f"Attempt {mail.retry_attempt}, the same bytes and Message-ID"
        yield Stop("next", mail.retry_due_at, "due", "warn", text, is_ahead=True)


def _tone(kind: str) -> str:
    if kind in _TONES:
        return _TONES[kind]
    rule = {str(known): rule for known, rule in FACT_RULES.items()}.get(kind)
    return bars.TONES.get(rule.state, "idle") if rule else "idle"
