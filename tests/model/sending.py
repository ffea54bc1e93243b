"""What workers do, one step at a time, so that anything may come in between."""

from postroad.core.lifecycle import FactKind, RunState

from .driver import Answer, Claimed, Outcome, Report, Stage
from .outside import Begin
from .variants import Variant
from .worker import Holding, Mail, Phase, Worker
from .world import FOUND, KILLER, World, choose

_ACCEPTED, _DEFERRED = FactKind.ACCEPTED, FactKind.DEFERRED
_REJECTED, _DEAD = FactKind.REJECTED, FactKind.DEAD
TEMPERS = (
    (_ACCEPTED, _ACCEPTED, _ACCEPTED, _DEFERRED, _REJECTED, _DEAD),
    (_ACCEPTED, _DEFERRED, _DEFERRED),
    (_ACCEPTED, _DEAD, _DEAD),
    (_ACCEPTED,),
)
"""What relays say, by their temper."""


class Sending(World):
    def pick_worker(self, which: int) -> Worker | None:
        return choose([w for w in self.fleet.workers if w.can_talk], which)

    # P1, P2, P4

    def take_work(self, a: int, b: int) -> bool:
        """Claim what the doorbell names, or look by oneself when it is silent."""
        worker = self.pick_worker(a)
        if worker is None or worker.preparing or worker.selecting or len(worker.holdings) > 1:
            return False
        worker.selecting = self.driver.claim_run(worker.id)
        if worker.selecting is not None:
            return True
        claimed = self._claim(worker, b)
        if claimed is None:
            return False
        self._hold(worker, claimed)
        return True

    def _claim(self, worker: Worker, b: int) -> Claimed | None:
        now = self.driver.now()
        stages = (Stage.DISPATCH, Stage.PREPARE) if b % 2 else (Stage.PREPARE, Stage.DISPATCH)
        ref = self.bell.take() if self.has_bell else None
        if ref is not None:
            worker.heard_at = now
            self.top_up(a=0, b=0)
            return self.driver.claim(worker.id, ref.stage, ref)
        looks = not self.has_bell or now - worker.heard_at >= self.limits.look_after
        if not looks or self.variant is Variant.NO_SWEEP:
            return None
        return self.driver.claim(worker.id, stages[0], None) or self.driver.claim(
            worker.id, stages[1], None
        )

    def _hold(self, worker: Worker, claimed: Claimed) -> None:
        if claimed.stage is Stage.PREPARE:
            worker.preparing = claimed
        else:
            worker.holdings[claimed.batch, claimed.claim] = Holding(claimed, claimed.mark)

    def lose_claim_answer(self, a: int, b: int) -> bool:
        """The claim is committed and the connection gone before the answer."""
        worker = self.pick_worker(a)
        if worker is None or worker.preparing or worker.selecting:
            return False
        claimed = self._claim(worker, b)
        worker.has_doubts = worker.has_doubts or claimed is not None
        return claimed is not None

    def disown(self, a: int, b: int) -> bool:
        worker = self.pick_worker(a)
        if worker is None or not worker.has_doubts or self.variant is Variant.CLAIM_FORGOTTEN:
            return False
        batches = set(worker.holdings)
        if worker.preparing:
            batches.add((worker.preparing.batch, worker.preparing.claim))
        runs = {worker.selecting} if worker.selecting else set()
        self.driver.disown(worker.id, frozenset(batches), frozenset(runs))
        worker.has_doubts = False
        return True

    def select(self, a: int, b: int) -> bool:
        worker = choose([w for w in self.fleet.workers if w.can_talk and w.selecting], a)
        if worker is None or worker.selecting is None:
            return False
        run, claim = worker.selecting
        worker.selecting = None
        self.driver.select(worker.id, run, claim)
        return True

    def prepare(self, a: int, b: int) -> bool:
        worker = choose([w for w in self.fleet.workers if w.can_talk and w.preparing], a)
        if worker is None or worker.preparing is None:
            return False
        claimed, worker.preparing = worker.preparing, None
        if b % 16 == 15:
            self.driver.give_back(worker.id, claimed.batch, claimed.claim, 60)
            return True
        addresses = self.tables().addresses
        found = {}
        for item in claimed.items:
            address = addresses[claimed.run, item.n]
            kind = FOUND.get(address, FactKind.PREPARED)
            if self.has_killer and address == KILLER:
                if claimed.claim <= self.limits.prepare_claims:
                    self.bury(worker)
                    return True
                kind = FactKind.FAILED
            found[item.n] = kind
        self.driver.prepare(worker.id, claimed.batch, claimed.claim, found)
        return True

    # P5, P6, P8

    def report(self, a: int, b: int) -> bool:
        worker = self.pick_worker(a)
        if worker is None:
            return False
        holding = choose(list(worker.holdings.values()), b)
        return holding is not None and self._report(worker, holding, loss=0)

    def lose_window_answer(self, a: int, b: int) -> bool:
        """The connection breaks in a report; it was committed, or it was not."""
        worker = self.pick_worker(a)
        if worker is None:
            return False
        holdings = list(worker.holdings.values())
        closing = [holding for holding in holdings if holding.is_closing]
        holding = choose(closing or holdings, b)
        if holding is None or not self._report(worker, holding, loss=1 + b // 8 % 2):
            return False
        worker.is_cut = b // 16 % 2 == 0
        return True

    def _report(self, worker: Worker, holding: Holding, loss: int) -> bool:
        """One report; `loss` 1: its answer is lost, 2: it never arrived."""
        claimed = holding.claimed
        read = holding.in_phase(Phase.READ)
        outcomes = [mail.outcome for mail in read]
        if holding.is_lost:
            # What was granted and not begun is evidence too.
            outcomes += [
                Outcome(mail.item.n, mail.item.attempt, FactKind.NOT_BEGUN)
                for mail in holding.in_phase(Phase.WAITING)
            ]
        hi = self._wish(worker, holding)
        if not holding.is_closing and not outcomes and (hi is None or hi == holding.mark):
            return False
        unbegun = holding.unbegun if holding.is_closing else None
        if loss:
            holding.asked = max(holding.asked, hi or 0)
            holding.is_closing |= self.variant is not Variant.ANSWER_FORGOTTEN
        if loss == 2:
            return True
        tick = self.tick
        answer = self.driver.report(worker.id, claimed.batch, claimed.claim, outcomes, hi, unbegun)
        if loss:
            return True
        before = (len(holding.mails), holding.mark, holding.is_closing)
        self._hear(worker, holding, read, answer, tick)
        changed = before != (len(holding.mails), holding.mark, holding.is_closing)
        return changed or holding.taking not in worker.holdings

    def _wish(self, worker: Worker, holding: Holding) -> int | None:
        """How far to raise the mark: W over all batches, outcomes in hand not counted."""
        if holding.is_closing or holding.is_lost or holding.asked > holding.mark:
            return None
        free = self.limits.window - worker.outstanding + len(holding.in_phase(Phase.READ))
        return min(len(holding.claimed.items), holding.mark + max(0, free))

    def _hear(
        self, worker: Worker, holding: Holding, read: list[Mail], report: Report, tick: int
    ) -> None:
        for mail in read:
            del holding.mails[mail.go.position]
        match report.answer:
            case Answer.GRANTED:
                self._grant(holding, report, tick)
            case Answer.WAIT:
                holding.mark = report.mark
            case Answer.LOST if not holding.is_lost:
                holding.is_lost = holding.is_closing = True
                holding.asked = 0
            case Answer.BACK | Answer.LOST:
                if holding.is_closing:
                    for mail in holding.in_phase(Phase.WAITING):
                        del holding.mails[mail.go.position]
                    holding.asked = 0
                holding.is_closing = True
            case _:
                holding.mails.clear()
        if (
            not holding.mails
            and report.answer is not Answer.GRANTED
            and (report.answer is not Answer.WAIT)
        ):
            del worker.holdings[holding.taking]

    def _grant(self, holding: Holding, report: Report, tick: int) -> None:
        claimed = holding.claimed
        assert self.tables().runs[claimed.run] is RunState.RUNNING, "granted in a run at rest"
        addresses = self.tables().addresses
        for go in report.go:
            item = claimed.items[go.position]
            address = addresses[claimed.run, item.n]
            assert address not in self.orders.suppressed_at, "granted for a suppressed person"
            holding.mails[go.position] = Mail(claimed.run, item, go, tick)
        holding.mark = report.mark

    # the SMTP dialogue

    def begin(self, a: int, b: int) -> bool:
        """The first octet of a mail goes out, if it still may."""
        worker = choose(self.fleet.living(), a)
        pair = choose(list(worker.mails(Phase.WAITING)), b) if worker else None
        if worker is None or pair is None:
            return False
        holding, mail = pair
        now = self.driver.now()
        if holding.is_closing or now < mail.go.moment:
            return False
        if not self._may_begin(worker, mail):
            holding.is_closing = True
            return True
        self._judge_begin(mail)
        mail.phase = Phase.BEGUN
        self.relay.begins.append(Begin(mail.run, now, now - mail.go.moment))
        self.relay.begun_runs.add(mail.run)
        return True

    def _may_begin(self, worker: Worker, mail: Mail) -> bool:
        now = self.driver.now()
        guarded = now - worker.last_beat <= self.limits.guard
        fresh = not self.buckets or now - mail.go.moment <= self.limits.token_life
        return (guarded or self.variant is Variant.NO_GUARD) and (
            fresh or self.variant is Variant.STALE_TOKENS
        )

    def _judge_begin(self, mail: Mail) -> None:
        tables = self.tables()
        row = tables.states[mail.run, mail.item.n]
        assert row.attempt < mail.item.attempt, "begun after its end was concluded"
        never = self.tick + 1
        address = tables.addresses[mail.run, mail.item.n]
        suppressed_at = self.orders.suppressed_at.get(address, never)
        assert mail.granted_tick < suppressed_at, "transmitted for a suppressed person"
        closed_at = self.orders.closed_at.get((mail.run, mail.item.n), never)
        assert mail.granted_tick < closed_at, "begun after the manager closed it"
        stopped_at = self.orders.stopped_at.get(mail.run, never)
        assert mail.granted_tick < stopped_at, "begun in a stopped run by a later window"

    def answer(self, a: int, b: int) -> bool:
        """The final dot is out and the relay decides; or it refused before the dot."""
        worker = choose(self.fleet.living(), a)
        pair = choose(list(worker.mails(Phase.BEGUN)), b) if worker else None
        if worker is None or pair is None:
            return False
        _, mail = pair
        answers = TEMPERS[self.temper]
        mail.kind = answers[b // 8 % len(answers)]
        mail.phase = Phase.ANSWERED
        if mail.kind is FactKind.ACCEPTED or b // 64 % 2:
            worker.dots.add(mail.key)
        if mail.kind is FactKind.ACCEPTED:
            self.relay.accepted[mail.key[:2]] += 1
            self.relay.accepted_tries.add(mail.key)
        return True

    def read(self, a: int, b: int) -> bool:
        worker = choose(self.fleet.living(), a)
        pair = choose(list(worker.mails(Phase.ANSWERED)), b) if worker else None
        if worker is None or pair is None:
            return False
        _, mail = pair
        mail.phase = Phase.READ
        worker.replies[mail.key] = mail.outcome
        if mail.kind is FactKind.ACCEPTED:
            worker.read.add(mail.key)
        return True

    def lose_reply(self, a: int, b: int) -> bool:
        """The connection drops after the dot: the worker lives and knows nothing."""
        worker = choose(self.fleet.living(), a)
        pair = choose(list(worker.mails(Phase.ANSWERED)), b) if worker else None
        if worker is None or pair is None:
            return False
        _, mail = pair
        if mail.key in worker.dots:
            mail.kind = FactKind.UNKNOWN
            self.fleet.unknowns_allowed += 1
        else:
            mail.kind = FactKind.DEFERRED
        mail.phase = Phase.READ
        return True

    def bury(self, worker: Worker) -> None:
        """Killed: its memory is gone, its ledger lies on the disk."""
        worker.is_alive = False
        worker.holdings.clear()
        worker.preparing = worker.selecting = None
        worker.read.clear()

    def top_up(self, a: int, b: int) -> bool:
        """Ring what was never rung, or not for long (P0)."""
        if not self.has_bell:
            return False
        refs = self.driver.due(max(0, self.limits.ring_ahead - len(self.bell.refs)))
        for ref in refs:
            self.bell.ring(ref)
        self.driver.rung(refs)
        return bool(refs)
