"""The fake relay's own file: the witness that tests count at.

One JSON object a line, appended by a single write before the reply goes out,
so that a line is there whatever is killed afterwards. Events:

begun     a transaction began at `at`; its recipient when one was named
accepted  the mail was taken over; written before the 250
received  the content came, but the mail was not taken over
empty     a lone dot without any recipient
unsaid    the content came and is not answered: dropped, silent, or garbage
broken    with CHUNKING: such an answer at any step; what came behind it has none either
closed    a connection ended
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import msgspec


@dataclass(frozen=True, slots=True)
class Event:
    """`at`: seconds since 1970. `sha256` and `octets`: of the content, dots unstuffed.

    `is_ahead`: more commands had come before this one was answered.
    """

    event: str
    at: float
    connection: int
    transaction: int
    recipient: str = ""
    message_id: str = ""
    sha256: str = ""
    octets: int = 0
    is_ahead: bool = False


class RelayLog:
    """`events` are kept in memory too, unless the relay is a process of its own."""

    def __init__(self, file: Path | None, *, keeps_events: bool = True) -> None:
        self.events: list[Event] = []
        self._keeps_events = keeps_events
        self._written = asyncio.Event()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self._fd = -1 if file is None else os.open(file, flags, 0o600)

    async def until(self, event: str, count: int) -> None:
        """Until so many of this event were written, in this process."""
        while sum(one.event == event for one in self.events) < count:
            self._written.clear()
            await self._written.wait()

    def write(self, event: Event) -> None:
        if self._keeps_events:
            self.events.append(event)
            self._written.set()
        if self._fd >= 0:
            os.write(self._fd, msgspec.json.encode(event) + b"\n")

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def read_events(file: Path) -> Iterator[Event]:
    """All whole lines; a relay that does not exist yet has said nothing."""
    if not file.exists():
        return
    decoder = msgspec.json.Decoder(Event)
    with file.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield decoder.decode(line)


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each was seen, by Message-ID and by recipient."""

    accepted: Counter[str]
    received: Counter[str]
    """Content complete, taken over or not, by Message-ID."""
    accepted_recipients: Counter[str]
    begun_recipients: Counter[str]
    last_begun_at: float
    unsaid: int = 0
    """Mails whose final dot got no answer that could be understood."""
    broken: int = 0

    @classmethod
    def of(cls, events: Iterator[Event] | list[Event]) -> Self:
        tally = cls(Counter(), Counter(), Counter(), Counter(), 0.0)
        last_begun_at, unsaid, broken = 0.0, 0, 0
        for event in events:
            match event.event:
                case "begun":
                    tally.begun_recipients[event.recipient] += 1
                    last_begun_at = max(last_begun_at, event.at)
                case "accepted":
                    tally.accepted[event.message_id] += 1
                    tally.received[event.message_id] += 1
                    tally.accepted_recipients[event.recipient] += 1
                case "received":
                    tally.received[event.message_id] += 1
                case "unsaid":
                    unsaid += 1
                case "broken":
                    broken += 1
        return replace(tally, last_begun_at=last_begun_at, unsaid=unsaid, broken=broken)

    @property
    def twice(self) -> list[str]:
        """Message-IDs taken over more than once."""
        return [message_id for message_id, count in self.accepted.items() if count > 1]


def count_accepted(file: Path) -> Counter[str]:
    """How often each Message-ID was taken over."""
    return Tally.of(read_events(file)).accepted
