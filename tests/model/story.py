"""A schedule: the rules by name, a natural next step, and a healed end."""

from collections.abc import Callable
from random import Random

from postroad.core.lifecycle import RunState

from . import promises
from .acting import Acting
from .driver import Driver, Stage
from .failing import Failing
from .variants import Variant
from .worker import Phase, Worker

STEADY = {
    "work": 150,
    "wait": 24,
    "schedule": 8,
    "gather": 10,
    "reap": 10,
    "top_up": 10,
    "open": 4,
    "restart": 20,
    "reconnect": 12,
    "recover": 12,
}
"""Rules of every random schedule, with their weights."""

SWARM = {
    "work_apart": 40,
    "verify": 2,
    "launch": 3,
    "undo": 1,
    "take_work": 6,
    "select": 2,
    "prepare": 3,
    "report": 10,
    "begin": 8,
    "answer": 8,
    "read": 6,
    "lose_reply": 4,
    "lose_claim_answer": 4,
    "lose_window_answer": 16,
    "disown": 1,
    "kill": 4,
    "cut_off": 5,
    "pause": 4,
    "resume": 6,
    "hold": 1,
    "let_go": 4,
    "stop": 1,
    "purge_queue": 1,
    "requeue": 10,
    "discard": 1,
    "settle": 8,
    "suppress": 1,
    "change_file": 1,
    "hear": 3,
    "lose_ref": 2,
    "double_ref": 2,
    "reorder_refs": 1,
    "wipe_refs": 1,
}
"""Rules that a random schedule has often, at times or not at all."""

ENDED = frozenset({RunState.FINISHED, RunState.STOPPED})
AT_REST = ENDED | {RunState.READY, RunState.PAUSED, RunState.HELD}
PATIENCE = (1.0, 1.0, 6.0, 31.0, 61.0, 900.0, 1800.0, 86_400.0)
ROUNDS = 150


class Story(Acting, Failing):
    """All rules on one world. Every rule takes two numbers that choose."""

    def act(self, name: str, a: int, b: int) -> bool:
        """Play a rule and check every promise; False when it had nothing to do."""
        self.tick += 1
        rule: Callable[[int, int], bool] = getattr(self, name)
        changed = rule(a, b)
        if changed:
            promises.check(self)
        return changed

    def work(self, a: int, b: int) -> bool:
        """Some natural steps of one worker."""
        worker = self.pick_worker(a)
        if worker is None:
            return False
        steps = [self.step(worker, b + 8 * k) for k in range(1 + b % 3)]
        return any(steps)

    def work_apart(self, a: int, b: int) -> bool:
        """One natural step, the talk with the database before the dialogue with the relay."""
        worker = self.pick_worker(a)
        if worker is None:
            return False
        reports = [
            self._report(worker, holding, loss=0) for holding in list(worker.holdings.values())
        ]
        return any(reports) or self.step(worker, b)

    def recover(self, a: int, b: int) -> bool:
        """A new worker, and the leases of the silent run out."""
        is_hired = len(self.fleet.living()) < 3
        if is_hired:
            self.hire()
        is_silent = any(not worker.can_talk for worker in self.fleet.workers)
        if is_silent:
            self.pass_time(self.limits.dead_after + 1)
        while self.reap(0, 0):
            pass
        return is_hired or is_silent

    def open(self, a: int, b: int) -> bool:
        """A run that is verified, prepared without a fault and launched at once."""
        if not self.verify(a, b | 0x80):
            return False
        for _ in range(40):
            self.schedule(0, 0)
            self.top_up(0, 0)
            for worker in self.fleet.living():
                if worker.can_talk and not self._continue(worker, 0):
                    self.take_work(0, 0)
            self.launch(0, 0)
        return True

    def step(self, worker: Worker, b: int) -> bool:
        """What a worker does next when nothing disturbs it."""
        if not worker.is_alive:
            return False
        me = self.fleet.living().index(worker)
        if self.read(me, 0) or self.answer(me, b) or self._begin_any(worker, me):
            return True
        if not worker.can_talk:
            return False
        for holding in list(worker.holdings.values()):
            if self._report(worker, holding, loss=0):
                return True
        talkers = [w for w in self.fleet.workers if w.can_talk]
        return (
            self.disown(talkers.index(worker), 0)
            or self._continue(worker, b)
            or self.take_work(talkers.index(worker), b)
        )

    def _begin_any(self, worker: Worker, me: int) -> bool:
        count = len(list(worker.mails(Phase.WAITING)))
        return any(self.begin(me, which) for which in range(count))

    def _continue(self, worker: Worker, b: int) -> bool:
        """Go on with what was claimed for select or prepare."""
        selecting = [w for w in self.fleet.workers if w.can_talk and w.selecting]
        if worker in selecting:
            return self.select(selecting.index(worker), b)
        preparing = [w for w in self.fleet.workers if w.can_talk and w.preparing]
        return worker in preparing and self.prepare(preparing.index(worker), b)

    # the end

    def finish(self) -> None:
        """Heal everything; every run must come to rest, then to its end."""
        self.settle_down(AT_REST)
        promises.nothing_is_lost(self.tables(), released=ENDED)
        for _ in range(3):
            for index in range(len(self.tables().runs)):
                self.act("let_go", index, 0)
                self.act("resume", index, 0)
                self.act("launch", index, 0)
            self.settle_down(AT_REST)
        self.settle_down(ENDED)
        tables = self.tables()
        promises.nothing_is_lost(tables, released=ENDED)
        promises.what_was_read_is_journaled(self, tables)
        promises.orders_are_carried_out(self, tables)
        promises.order_is_irrelevant(tables)
        promises.limits_hold(self, tables)
        assert not any(batch.owner for batch in tables.batches), "a batch is still owned"

    def settle_down(self, rest: frozenset[RunState]) -> None:
        """Run on, without new faults, until nothing moves; bounded."""
        idle = 0
        for _ in range(ROUNDS):
            if self._round():
                idle = 0
                continue
            if self._is_at_rest(rest):
                return
            self.act("wait_some", idle, 0)
            idle += 1
        raise AssertionError(f"never ends: {dict(self.tables().runs)}")

    def wait_some(self, a: int, b: int) -> bool:
        self.pass_time(PATIENCE[min(a, len(PATIENCE) - 1)])
        return True

    def _round(self) -> bool:
        """Everything that is due, once or more; False when nothing was."""
        changed = False
        while len(self.fleet.living()) < 2:
            self.hire()
        for _ in self.fleet.living():
            changed |= self.act("reconnect", 0, 0)
        for name in ("schedule", "reap", "gather", "top_up"):
            while self.act(name, 0, 0):
                changed = True
        for worker in self.fleet.living():
            steps = 0
            while steps < 60 and self._checked_step(worker):
                steps += 1
            changed |= steps > 0
        return changed

    def _checked_step(self, worker: Worker) -> bool:
        self.tick += 1
        changed = self.step(worker, 0)
        promises.check(self)
        return changed

    def _is_at_rest(self, rest: frozenset[RunState]) -> bool:
        tables = self.tables()
        owned = any(batch.owner is not None for batch in tables.batches)
        to_purge = any(
            batch.stage is Stage.PURGE
            or (tables.runs[batch.run] is RunState.STOPPED and batch.stage is not Stage.DONE)
            for batch in tables.batches
        )
        at_rest = all(state in rest for state in tables.runs.values())
        return at_rest and not owned and not to_purge


def play(driver: Driver, seed: int, steps: int, variant: Variant = Variant.RIGHT) -> Story:
    """One random schedule with its end; raises AssertionError on a violation."""
    random = Random(seed)
    story = Story(driver, random.randrange(512), variant)
    swarm = {name: weight * random.choice((0, 1, 4)) for name, weight in SWARM.items()}
    weights = STEADY | swarm
    story.act("open", 0, random.randrange(4096))
    for name in random.choices(list(weights), list(weights.values()), k=steps):
        story.act(name, random.randrange(4096), random.randrange(4096))
    story.finish()
    return story
