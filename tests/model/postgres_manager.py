"""The manager's part of the real engine, and what is handed in from outside (P8 to P12)."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from postroad.core.lifecycle import FactKind

from .driver import Limits, Outcome, Stage
from .postgres_tables import facts_of


class ManagedByHand:
    limits: Limits

    def _value(self, call: LiteralString, *arguments: object) -> Any:
        raise NotImplementedError

    def gather(self) -> bool:
        return self._value("SELECT make_retry_batch()") is not None

    def pause(self, run: int) -> bool:
        return bool(self._value("SELECT pause_run(%s, 'manager')", run) == "running")

    def resume(self, run: int) -> bool:
        return bool(self._value("SELECT resume_run(%s, 'manager')", run) == "paused")

    def hold(self, run: int) -> bool:
        return bool(self._value("SELECT hold_run(%s, 'A restore.')", run))

    def let_go(self, run: int) -> bool:
        return bool(self._value("SELECT resume_run(%s, 'manager')", run) == "held")

    def stop(self, run: int) -> bool:
        was = self._value("SELECT was FROM stop_run(%s, 'manager', 'Enough.')", run)
        return was not in ("finished", "stopped")

    def purge_queue(self, stage: Stage) -> None:
        """Out of the queue and of the workers' hands; recorded by these and the scheduler."""
        self._value("SELECT mails FROM purge_queue(%s, 'manager')", stage)
        self._value("SELECT mails FROM recall_queue(%s, 'manager')", stage)

    def requeue(self, run: int, n: int, attempt: int) -> bool:
        call: LiteralString = "SELECT requeue_dead(%s, %s, %s, 'manager')"
        return bool(self._value(call, run, n, attempt) == "requeued")

    def settle(self, run: int, n: int, attempt: int, kind: FactKind) -> bool:
        how = kind.removeprefix("settled_")
        patience = float(self.limits.resend_after)
        call: LiteralString = "SELECT settle_unknown(%s, %s, %s, %s, %s, 'manager')"
        return bool(self._value(call, run, n, attempt, how, patience) == "settled")

    def discard(self, run: int, n: int, attempt: int) -> bool:
        return bool(self._value("SELECT discard_dead(%s, %s, false, 'manager')", run, n))

    def hear(self, run: int, n: int, attempt: int, kind: FactKind) -> None:
        facts = facts_of([Outcome(n, attempt, kind)])
        self._value("SELECT record_facts(%s, NULL, 'program', %s)", run, facts)

    def hand_in(
        self,
        worker: int,
        dots: frozenset[tuple[int, int, int]],
        replies: Sequence[tuple[int, Outcome]],
    ) -> None:
        dead, call = UUID(int=worker), "SELECT hand_in_facts(%s, NULL, %s, %s)"
        for run, outcome in replies:
            self._value(call, run, dead, facts_of([outcome]))
        proven = {*dots, *((run, o.n, o.attempt) for run, o in replies)}
        keys = [" ".join(map(str, key)) for key in proven]
        while self._value("SELECT close_ledger(%s, %s)", dead, keys):
            pass
