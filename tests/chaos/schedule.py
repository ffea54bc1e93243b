"""One random schedule: a run, and what befalls it on its way."""

import os
import random
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import fields

from postroad.testing.relay import Rule

from .account import Account, account_of
from .broker_faults import BROKER_ORDER
from .faults import ALWAYS, COMMON, DATABASE_ORDER, Fault, disk_full, script_of
from .rig import Rig

MOMENTS = (2, 3, 4)
HOLDS = (0.2, 0.5, 1.5, 3.5)
"""Seconds that faults last; the last of them is longer than a lease."""
IN_THIS_ORDER = (*BROKER_ORDER, *DATABASE_ORDER)
PARTS = 12


class Schedule:
    """`story` is what happened, to be read when it does not add up."""

    def __init__(self, rig: Rig, seed: int, mails: int) -> None:
        self.story: list[str] = []
        self.rig = rig
        self._dice = random.Random(seed)
        self._mails = mails
        self._began_at = time.monotonic()
        self._faults = faults_of(rig)

    def play(self) -> Account:
        """Raises AssertionError when it never ends, or does not add up."""
        rig, dice = self.rig, self._dice
        rig.killed = 0
        script = script_of(rig, dice)
        rig.relay.forget(script)
        self._tell(f"the relay{' with CHUNKING' if rig.relay.depth > 1 else ''}:")
        self.story += [f"         {told(rule)}" for rule in script.rules[len(ALWAYS) :]]
        rig.use_relay_again()
        run = self._prepared()
        rig.launch(run)
        for part in sorted(dice.sample(range(PARTS - 2), dice.choice(MOMENTS))):
            self._until_sent(run, self._mails * part // PARTS)
            self._befall(dice.sample(self._faults, dice.choice((1, 1, 2))))
        self._finished(run)
        account = account_of(rig, run, each=rig.past_their_dot)
        account.must_add_up()
        return account

    def _prepared(self) -> int:
        run = self.rig.verify(self._mails)
        if self._dice.random() < 1 / 3:
            self._befall(self._dice.sample(self._faults, 1))
        self.rig.until_state(run, "ready")
        return run

    def _until_sent(self, run: int, count: int) -> None:
        self.rig.until(
            lambda: self.rig.relay.accepted() >= count or self._is_finished(run),
            f"{count} sent, for the next fault",
            run,
        )

    def _finished(self, run: int) -> None:
        self.rig.until(lambda: self._is_finished(run), f"run {run} finished", run)
        self.rig.until_quiet(run)
        self._tell("finished")

    def _is_finished(self, run: int) -> bool:
        """Somebody looks after the relay: once mended, it is used again."""
        self.rig.use_relay_again()
        return self.rig.state(run) == "finished"

    def _befall(self, faults: Sequence[Fault]) -> None:
        seconds = self._dice.choice(HOLDS)
        names = " and ".join(fault.__name__.replace("_", " ") for fault in faults)
        self._tell(f"{names}, for {seconds} s")
        with ExitStack() as stack:
            for fault in in_order(faults):
                stack.enter_context(fault(self.rig, self._dice))
            time.sleep(seconds)  # The fault itself.
        self._tell("mended")

    def _tell(self, what: str) -> None:
        accepted = self.rig.relay.accepted()
        self.story.append(f"{time.monotonic() - self._began_at:6.1f} s, {accepted} sent: {what}")


def in_order(faults: Sequence[Fault]) -> list[Fault]:
    """Those of the broker's node and of the database as they can be; the others as drawn."""
    return sorted(
        faults, key=lambda fault: IN_THIS_ORDER.index(fault) if fault in IN_THIS_ORDER else -1
    )


def told(rule: Rule) -> str:
    """What differs from a rule that does nothing."""
    plain = Rule(rule.phase)
    parts = (
        f"{field.name}={getattr(rule, field.name)!s}"
        for field in fields(rule)
        if getattr(rule, field.name) != getattr(plain, field.name)
    )
    return f"{rule.phase}: {', '.join(parts)}"


def faults_of(rig: Rig) -> list[Fault]:
    """What may be drawn; POSTROAD_CHAOS_ONLY="worker_killed disk_full" narrows it."""
    faults: list[Fault] = [*COMMON, *rig.own_faults]
    if rig.disk:
        faults.append(disk_full)
    only = os.environ.get("POSTROAD_CHAOS_ONLY", "").split()
    return [fault for fault in faults if not only or fault.__name__ in only]
