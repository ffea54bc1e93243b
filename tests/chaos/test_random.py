"""Random schedules of kills and freezes; POSTROAD_CHAOS_RUNS says how many (`make chaos N=…`)."""

import os
import random
from collections.abc import Callable
from dataclasses import astuple
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.relay import Act, Rule, Script

from .rig import Account, Rig, a_rig, account_of

RUNS = int(os.environ.get("POSTROAD_CHAOS_RUNS", "1"))
MAILS = int(os.environ.get("POSTROAD_CHAOS_MAILS", "1500"))
FAULTS_A_RUN = 4
LOST = (150, 400)
SCRIPT = Script(
    delays={Phase.DOT: 0.004},
    rules=(
        Rule(Phase.RCPT, reply="451 4.3.0 later", recipient="person3*@*", times=1),
        Rule(Phase.RCPT, reply="550 5.1.1 nobody", recipient="person44*@*"),
        Rule(Phase.DATA, Act.DROP, chance=0.002),
        Rule(Phase.DOT, Act.DROP, nth=LOST, is_accepted=True),
    ),
)


def kill_a_worker(rig: Rig, dice: random.Random) -> None:
    rig.kill_worker(dice.randrange(len(rig.workers)))


def freeze_a_worker(rig: Rig, dice: random.Random) -> None:
    """Longer than its lease: the other takes over what never began."""
    worker = dice.choice(rig.workers)
    rig.killed += 1
    with rig.frozen(worker.pid):
        rig.until(lambda: rig.is_silent(worker.pid), "its lease is over")


def kill_the_database(rig: Rig, _dice: random.Random) -> None:
    # A worker that is away from its database longer than its lease counts as cut off.
    rig.killed += len(rig.workers)
    rig.kill_database()


FAULTS: tuple[Callable[[Rig, random.Random], None], ...] = (
    kill_a_worker,
    kill_a_worker,
    freeze_a_worker,
    kill_the_database,
)


@pytest.mark.chaos
def test_whatever_is_killed_the_totals_add_up(
    tmp_path: Path, postgres_server: TestServer, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts: list[Account] = []
    with a_rig(tmp_path, postgres_server.shelf, SCRIPT) as rig:
        accounts += [one_run(rig, random.Random(seed)) for seed in range(RUNS)]
    lost, twice, unknown, bound, unaccounted, unlisted = map(
        sum, zip(*map(astuple, accounts), strict=True)
    )
    with capsys.disabled():
        print(
            f"\nruns={RUNS} mails={MAILS} lost={lost} duplicated={twice} unknown={unknown} "
            f"bound={bound} unaccounted={unaccounted + unlisted}"
        )


def one_run(rig: Rig, dice: random.Random) -> Account:
    rig.killed, rig.lost_replies = 0, len(LOST)
    run = rig.ready(MAILS)
    before = rig.relay_accepted()
    rig.launch(run)
    for part in sorted(dice.sample(range(1, 9), FAULTS_A_RUN)):
        rig.until(
            lambda part=part: (
                rig.relay_accepted() >= before + MAILS * part / 12  # type: ignore[misc]
                or rig.state(run) == "finished"
            ),
            "the next fault",
        )
        dice.choice(FAULTS)(rig, dice)
    rig.until_state(run, "finished")
    rig.until_quiet(run)
    account = account_of(rig, run)
    account.must_add_up()
    return account
