"""What the manager, the program and the world outside do."""

from collections.abc import Callable

from postroad.core.lifecycle import DeliveryState, FactKind, RunState

from .driver import Stage
from .world import PEOPLE, World, choose

SETTLEMENTS = (FactKind.SETTLED_SENT, FactKind.SETTLED_RESEND, FactKind.SETTLED_DROP)
TIDINGS = (FactKind.DELIVERED, FactKind.BOUNCED, FactKind.COMPLAINED)
SECONDS = (0.2, 0.3, 0.5, 0.5, 0.7, 1.0, 2.0, 6.0, 11.0, 31.0, 61.0, 61.0, 950.0, 1900.0, 90_000.0)


class Acting(World):
    # the manager

    def verify(self, a: int, b: int) -> bool:
        start, count = b % len(PEOPLE), 1 + b // 16 % len(PEOPLE)
        people = (PEOPLE * 2)[start : start + count]
        is_new = len(self.tables().runs) < 6
        if is_new:
            self.driver.verify(1 + a % 2, people, urgent=b % 2 == 1)
        return is_new

    def launch(self, a: int, b: int) -> bool:
        wait = self.limits.undo if b % 2 else 0.0
        return self._with_run(a, {RunState.READY}, lambda run: self.driver.launch(run, wait))

    def undo(self, a: int, b: int) -> bool:
        def undo(run: int) -> bool:
            is_undone = self.driver.undo(run)
            assert not (is_undone and run in self.relay.begun_runs), "an undone run has sent"
            return is_undone

        return self._with_run(a, {RunState.SCHEDULED}, undo)

    def pause(self, a: int, b: int) -> bool:
        return self._with_run(a, {RunState.RUNNING}, self.driver.pause)

    def resume(self, a: int, b: int) -> bool:
        return self._with_run(a, {RunState.PAUSED}, self.driver.resume)

    def hold(self, a: int, b: int) -> bool:
        states = {state for state in RunState if state.is_live}
        return self._with_run(a, states, self.driver.hold)

    def let_go(self, a: int, b: int) -> bool:
        return self._with_run(a, {RunState.HELD}, self.driver.let_go)

    def stop(self, a: int, b: int) -> bool:
        def stop(run: int) -> bool:
            self.orders.stopped_at[run] = self.tick
            return self.driver.stop(run)

        return self._with_run(a, {state for state in RunState if state.is_live}, stop)

    def _with_run(self, a: int, states: set[RunState], act: Callable[[int], bool]) -> bool:
        fitting = [run for run, state in self.tables().runs.items() if state in states]
        run = choose(fitting, a)
        return run is not None and act(run)

    def purge_queue(self, a: int, b: int) -> bool:
        self.driver.purge_queue(Stage.DISPATCH if a % 2 else Stage.PREPARE)
        return True

    def _deliveries(self, state: DeliveryState) -> list[tuple[int, int, int]]:
        rows = self.tables().states.items()
        return [(*key, row.attempt) for key, row in rows if row.state is state]

    def requeue(self, a: int, b: int) -> bool:
        key = choose(self._deliveries(DeliveryState.DEAD), a)
        if key is None or not self.driver.requeue(*key):
            return False
        self._note_order(key)
        return True

    def discard(self, a: int, b: int) -> bool:
        key = choose(self._deliveries(DeliveryState.DEAD), a)
        if key is None or not self.driver.discard(*key):
            return False
        self.orders.closed_at[key[:2]] = self.tick
        return True

    def settle(self, a: int, b: int) -> bool:
        key = choose(self._deliveries(DeliveryState.UNKNOWN), a)
        kind = SETTLEMENTS[b % 3]
        if key is None or not self.driver.settle(*key, kind):
            return False
        if kind is FactKind.SETTLED_RESEND:
            self._note_order(key)
        else:
            self.orders.closed_at[key[:2]] = self.tick
        return True

    def _note_order(self, key: tuple[int, int, int]) -> None:
        """A second order for the same try counts for nothing."""
        self.orders.closed_at.pop(key[:2], None)
        if key not in self.orders.named:
            self.orders.named.add(key)
            self.orders.again[key[:2]] += 1

    def suppress(self, a: int, b: int) -> bool:
        self._suppress(PEOPLE[a % len(PEOPLE)].address)
        return True

    def _suppress(self, address: str) -> None:
        self.orders.suppressed_at.setdefault(address, self.tick)
        self.driver.suppress(address)

    def change_file(self, a: int, b: int) -> bool:
        key = choose(list(self.tables().states), a)
        if key is None or not self.driver.has_files:
            return False
        self.driver.change_file(*key)
        return True

    def hear(self, a: int, b: int) -> bool:
        """Delivered, bounced or complained, of a mail that the relay took."""
        key = choose(sorted(self.relay.accepted_tries), a)
        if key is None:
            return False
        kind = TIDINGS[b % 3]
        self.driver.hear(*key, kind)
        if kind is FactKind.COMPLAINED:
            self._suppress(self.tables().addresses[key[:2]])
        return True

    # the program

    def schedule(self, a: int, b: int) -> bool:
        return self.driver.schedule()

    def gather(self, a: int, b: int) -> bool:
        return self.driver.gather()

    def reap(self, a: int, b: int) -> bool:
        now = self.driver.now()
        for worker in self.fleet.workers:
            lapsed = now - worker.last_beat > self.limits.dead_after
            if not worker.can_talk and lapsed and not worker.is_counted:
                worker.is_counted = True
                self.fleet.unknowns_allowed += self.limits.window
        return self.driver.reap()

    def wait(self, a: int, b: int) -> bool:
        self.pass_time(SECONDS[a % len(SECONDS)])
        return True
