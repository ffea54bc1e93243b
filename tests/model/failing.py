"""What goes wrong: workers killed and cut off, a forgetful doorbell."""

from postroad.core.lifecycle import FactKind

from .sending import Sending
from .variants import Variant
from .worker import Worker
from .world import choose


class Failing(Sending):
    def kill(self, a: int, b: int) -> bool:
        worker = self._victim(self.fleet.living(), a, b)
        is_last = len(self.fleet.living()) == 1
        if worker is None or (is_last and b % 4):
            return False
        self.bury(worker)
        return True

    def _victim(self, workers: list[Worker], a: int, b: int) -> Worker | None:
        """Mostly one in the middle of its work: the idle have nothing to lose."""
        busy = [worker for worker in workers if worker.outstanding]
        return choose(busy or workers if b % 4 else workers, a)

    def restart(self, a: int, b: int) -> bool:
        """A new process; of this boot, it may find a dead one's ledger (P12)."""
        if len(self.fleet.living()) > 2:
            return False
        self.hire()
        dead = choose([w for w in self.fleet.workers if not w.is_alive], a)
        if dead is None or not self.driver.has_ledger or b % 2:
            return True
        replies = [(key[0], outcome) for key, outcome in dead.replies.items()]
        self.driver.hand_in(dead.id, frozenset(dead.dots), replies)
        for row in self.tables().journal:
            if row.worker == dead.id and row.kind is FactKind.UNKNOWN:
                key = (row.run, row.n, row.attempt)
                state = self.tables().states[key[:2]]
                still = state.fact is FactKind.UNKNOWN and state.attempt == row.attempt
                assert not still or key in dead.dots, "unknown before its dot, with the ledger back"
        return True

    def cut_off(self, a: int, b: int) -> bool:
        """Stopped, or without a way to the database; it may go on sending."""
        worker = self._victim([w for w in self.fleet.workers if w.can_talk], a, b)
        if worker is None:
            return False
        worker.is_cut = True
        return True

    def reconnect(self, a: int, b: int) -> bool:
        worker = choose([w for w in self.fleet.living() if w.is_cut], a)
        if worker is None:
            return False
        worker.is_cut = worker.is_counted = False
        self.driver.beat(worker.id)
        # A beat that comes later than the guard allows makes nothing good again:
        # the windows granted before it may have been reaped meanwhile.
        is_late = self.driver.now() - worker.last_beat > self.limits.guard
        if is_late and self.variant is not Variant.BEAT_FORGIVES:
            for holding in worker.holdings.values():
                holding.is_closing = True
        worker.last_beat = self.driver.now()
        return True

    def lose_ref(self, a: int, b: int) -> bool:
        ref = choose(self.bell.refs, a)
        if ref is None:
            return False
        self.bell.refs.remove(ref)
        return True

    def double_ref(self, a: int, b: int) -> bool:
        ref = choose(self.bell.refs, a)
        if ref is None or len(self.bell.refs) > 20:
            return False
        self.bell.refs.append(ref)
        return True

    def reorder_refs(self, a: int, b: int) -> bool:
        self.bell.refs.reverse()
        return len(self.bell.refs) > 1

    def wipe_refs(self, a: int, b: int) -> bool:
        had = bool(self.bell.refs)
        self.bell.refs.clear()
        return had
