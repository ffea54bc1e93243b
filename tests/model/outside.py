"""What lies outside the database: the relay with the truth, and the doorbell."""

from collections import Counter
from dataclasses import dataclass, field

from .driver import Ref
from .worker import Key, Worker


@dataclass(frozen=True, slots=True)
class Begin:
    run: int
    at: float
    lag: float
    """Seconds after the token's moment."""


@dataclass
class Relay:
    """The truth: what was transmitted, and what the relay took."""

    accepted: Counter[tuple[int, int]] = field(default_factory=Counter)
    accepted_tries: set[Key] = field(default_factory=set)
    begins: list[Begin] = field(default_factory=list)
    begun_runs: set[int] = field(default_factory=set)


@dataclass
class Doorbell:
    """Carries references, and may lose, double, reorder or forget them all."""

    refs: list[Ref] = field(default_factory=list)

    def ring(self, ref: Ref) -> None:
        self.refs.append(ref)

    def take(self) -> Ref | None:
        return self.refs.pop(0) if self.refs else None


@dataclass
class Orders:
    """What the manager did, to judge the rest by."""

    again: Counter[tuple[int, int]] = field(default_factory=Counter)
    """Resends and requeues of a delivery, one for each (n, attempt)."""
    named: set[Key] = field(default_factory=set)
    suppressed_at: dict[str, int] = field(default_factory=dict)
    closed_at: dict[tuple[int, int], int] = field(default_factory=dict)
    """Settled as sent or dropped, or discarded; until ordered again."""
    stopped_at: dict[int, int] = field(default_factory=dict)


@dataclass
class Fleet:
    workers: list[Worker] = field(default_factory=list)
    unknowns_allowed: int = 0
    """W for each killed or cut-off worker, one for each lost reply."""

    def living(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.is_alive]
