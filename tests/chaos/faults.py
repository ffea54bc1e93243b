"""The faults that a random schedule draws from. Each lasts as long as its context."""

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from postroad.core.outcome import Phase
from postroad.testing.proxy import Line
from postroad.testing.relay import Act, Rule, Script

from .rig import Rig

Fault = Callable[[Rig, random.Random], AbstractContextManager[None]]


@contextmanager
def worker_killed(rig: Rig, dice: random.Random) -> Iterator[None]:
    rig.kill_worker(dice.randrange(len(rig.workers)))
    yield


@contextmanager
def worker_frozen(rig: Rig, dice: random.Random) -> Iterator[None]:
    rig.killed += 1
    with rig.frozen(dice.choice(rig.workers).pid):
        yield


@contextmanager
def cut_off(line: Line, dice: random.Random) -> Iterator[None]:
    """Either with a reset, or nothing comes through any more."""
    dice.choice((line.cut, line.silence))()
    yield
    line.mend()


@contextmanager
def far_away(line: Line) -> Iterator[None]:
    """Not cut off: every piece takes its time."""
    line.delay_seconds = 0.05
    yield
    line.delay_seconds = 0.0


def worker_cut_from_database(rig: Rig, dice: random.Random) -> AbstractContextManager[None]:
    line = rig.to_database[dice.choice(rig.workers).pid]
    rig.killed += 1
    return cut_off(line, dice)


def worker_far_from_database(rig: Rig, dice: random.Random) -> AbstractContextManager[None]:
    return far_away(rig.to_database[dice.choice(rig.workers).pid])


@contextmanager
def database_killed(rig: Rig, _dice: random.Random) -> Iterator[None]:
    # A worker that is away from its database longer than its lease counts as cut off.
    rig.killed += len(rig.workers)
    rig.kill_database()
    yield


@contextmanager
def database_frozen(rig: Rig, _dice: random.Random) -> Iterator[None]:
    rig.killed += len(rig.workers)
    with rig.frozen(*rig.database_pids):
        yield


@contextmanager
def disk_full(rig: Rig, _dice: random.Random) -> Iterator[None]:
    rig.killed += len(rig.workers)
    with rig.full_disk():
        yield


@contextmanager
def relay_killed(rig: Rig, _dice: random.Random) -> Iterator[None]:
    rig.relay.kill()
    yield
    rig.relay.start(rig.relay.script)


@contextmanager
def relay_frozen(rig: Rig, _dice: random.Random) -> Iterator[None]:
    with rig.frozen(rig.relay.process_pid):
        yield


@contextmanager
def certificate_expired(rig: Rig, _dice: random.Random) -> Iterator[None]:
    """The relay restarts with a certificate that is none any more, and later with a good one."""
    whole = rig.relay.script
    rig.relay.kill()
    rig.relay.start(Script(certificate=str(rig.relay.certificates.expired)))
    yield
    rig.relay.kill()
    rig.relay.start(whole)


@contextmanager
def web_killed(rig: Rig, _dice: random.Random) -> Iterator[None]:
    rig.kill_web()
    yield


@contextmanager
def web_frozen(rig: Rig, _dice: random.Random) -> Iterator[None]:
    with rig.frozen(rig.start_web().pid):
        yield


COMMON: tuple[Fault, ...] = (
    worker_killed,
    worker_killed,
    worker_frozen,
    worker_cut_from_database,
    worker_cut_from_database,
    worker_far_from_database,
    database_killed,
    database_frozen,
    relay_killed,
    relay_frozen,
    certificate_expired,
    web_killed,
    web_frozen,
)

DATABASE_ORDER: tuple[Fault, ...] = (database_killed, disk_full, database_frozen)
"""At one moment: it starts with space only, and tells that it lives only when not frozen."""

AT_THE_RELAY: tuple[Rule, ...] = (
    Rule(Phase.BANNER, reply="421 4.3.2 not now", times=2),
    Rule(Phase.BANNER, Act.DROP, times=1),
    Rule(Phase.EHLO, reply="451 4.3.0 later", times=2),
    Rule(Phase.EHLO, Act.GARBAGE, times=1),
    Rule(Phase.MAIL, reply="421 4.7.0 slow down", chance=0.002),
    Rule(Phase.MAIL, reply="451 4.3.0 later", chance=0.005),
    Rule(Phase.MAIL, reply="552 5.3.4 too big", chance=0.002),
    Rule(Phase.MAIL, Act.DROP, chance=0.002),
    Rule(Phase.RCPT, reply="450 4.2.0 later", chance=0.01),
    Rule(Phase.RCPT, Act.DROP, chance=0.003),
    Rule(Phase.RCPT, Act.GARBAGE, chance=0.002),
    Rule(Phase.DATA, reply="451 4.3.0 later", chance=0.005),
    Rule(Phase.DATA, reply="554 5.5.1 no", chance=0.001),
    Rule(Phase.DATA, Act.DROP, chance=0.002),
    Rule(Phase.DOT, reply="451 4.3.0 later", chance=0.005),
    Rule(Phase.DOT, reply="421 4.3.2 closing", chance=0.002),
    Rule(Phase.DOT, reply="554 5.6.0 content", chance=0.002),
    Rule(Phase.DOT, reply="550 5.7.1 policy", chance=0.001),
    Rule(Phase.DOT, Act.DROP, chance=0.002),
    Rule(Phase.DOT, Act.DROP, chance=0.002, is_accepted=True),
    Rule(Phase.DOT, Act.GARBAGE, chance=0.001, is_accepted=True),
    Rule(Phase.DOT, Act.DRIP, chance=0.002, delay=0.05),
    Rule(Phase.DOT, chance=0.003, delay=1.5),
    Rule(Phase.RCPT, chance=0.003, delay=0.3),
)
ALWAYS = (
    Rule(Phase.RCPT, reply="451 4.3.0 later", recipient="person3*@*", times=1),
    Rule(Phase.RCPT, reply="550 5.1.1 nobody", recipient="person44*@*"),
    Rule(Phase.DOT, Act.DROP, nth=(150,), is_accepted=True),
)


def script_of(rig: Rig, dice: random.Random) -> Script:
    """What the relay does wrong in one run, at four or so places; half of them take chunks."""
    drawn = dice.sample(AT_THE_RELAY, dice.randint(2, 6))
    seed = dice.randrange(1 << 30)
    return Script(
        announce=(*Script().announce, "CHUNKING") if seed % 2 else Script().announce,
        delays={Phase.DOT: 0.003},
        rules=(*ALWAYS, *drawn),
        certificate=str(rig.relay.certificates.valid),
        seed=seed,
    )
