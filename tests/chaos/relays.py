"""The receiving server through all its lives, each with a file of its own."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Self

from postroad.engine.smtp.chunked import DEEPEST
from postroad.testing.certificates import Certificates, make_certificates
from postroad.testing.relay import (
    Event,
    RelayProcess,
    Script,
    Tally,
    read_events,
    start_relay,
)


class Relays:
    """One port, whoever listens at it. `lives` are those since the last `forget`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self.port = 0
        self.lives: list[RelayProcess] = []
        self.script: Script | None = None
        self.cut = 0
        """Replies that may have been lost on the connections of a life that was killed."""
        self.certificates: Certificates = make_certificates(folder, dt.datetime.now(dt.UTC))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for life in self.lives:
            life.kill()

    @property
    def depth(self) -> int:
        """Mails of one connection that may be past their dot at once."""
        script = self.script or Script()
        return DEEPEST if "CHUNKING" in script.announce else 1

    @property
    def lost_replies(self) -> int:
        """Counted from the files: behind an answer that ended its session nothing is answered."""
        if self.depth == 1:
            return self.cut + self.tally.unsaid
        lives = (read_events(life.file) for life in self.lives)
        broken = (depths_of(events, self.depth)[1] for events in lives)
        return self.cut + sum(sum(each.values()) for each in broken)

    @property
    def process_pid(self) -> int:
        return self.lives[-1].process.pid

    def start(self, script: Script | None) -> None:
        self._number += 1
        self.script = script
        name = f"accepted-{self._number}.jsonl"
        life = start_relay(self._folder, script, name=name, port=self.port)
        self.port = life.port
        self.lives.append(life)

    def kill(self) -> None:
        """In the middle of everything."""
        self.lives[-1].kill()
        events = list(read_events(self.lives[-1].file))
        seen = {event.connection for event in events}
        closed = {event.connection for event in events if event.event == "closed"}
        depths, broken = depths_of(events, self.depth)
        self.cut += sum(depths[each] for each in seen - closed - broken.keys())

    def forget(self, script: Script) -> None:
        """For the next run: a new life, a new script, nothing counted."""
        self.lives[-1].kill()
        self.lives.clear()
        self.cut = 0
        self.start(script)

    def accepted(self) -> int:
        return sum(
            life.file.read_bytes().count(b'"accepted"') for life in self.lives if life.file.exists()
        )

    def events(self) -> Iterator[Event]:
        return chain.from_iterable(read_events(life.file) for life in self.lives)

    @property
    def tally(self) -> Tally:
        return Tally.of(self.events())


def depths_of(events: Iterable[Event], deepest: int) -> tuple[Counter[int], dict[int, int]]:
    """By connection, how many mails may be on their way: now, and when its session broke.

    One, and twice as many with each that was accepted. Behind the first answer
    that ends a session nothing is read.
    """
    depths: Counter[int] = Counter()
    broken: dict[int, int] = {}
    for event in events:
        depth = depths[event.connection] or 1
        if event.event == "accepted":
            depth = min(deepest, depth * 2)
        elif event.event == "broken":
            broken.setdefault(event.connection, depth)
        depths[event.connection] = depth
    return depths, broken
