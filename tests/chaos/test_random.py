"""Random schedules of everything that can go wrong, on each engine.

`make chaos N=…` says how many; POSTROAD_CHAOS_SEED=… N=1 plays one again.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from postroad.testing.database import TestServer

from .account import NOTHING, Account
from .broker_faults import OF_THE_BROKER
from .rig import Rig, a_rig
from .schedule import Schedule

RUNS = int(os.environ.get("POSTROAD_CHAOS_RUNS", "2"))
MAILS = int(os.environ.get("POSTROAD_CHAOS_MAILS", "3000"))
SEED = int(os.environ.get("POSTROAD_CHAOS_SEED", "1"))
ENGINES = ("postgresql", "rabbitmq")
LOOKS = {"POSTROAD_SWEEP_SECONDS": "2", "POSTROAD_RING_AGAIN_SECONDS": "3"}
"""Seldom enough that most references are heard of, not found."""


@pytest.fixture(params=ENGINES)
def engine(
    request: pytest.FixtureRequest, tmp_path: Path, postgres_server: TestServer
) -> Iterator[tuple[str, Rig]]:
    is_root = os.geteuid() == 0
    rings = request.param == "rabbitmq"
    broker = request.getfixturevalue("own_rabbitmq") if rings else None
    with a_rig(
        tmp_path, postgres_server.shelf, disk=is_root, broker=broker, more=LOOKS if rings else {}
    ) as rig:
        rig.own_faults = OF_THE_BROKER if rings else ()
        speak_tls(rig)
        yield request.param, rig


def speak_tls(rig: Rig) -> None:
    with psycopg.connect(rig.dsn, autocommit=True) as connection:
        connection.execute(
            "UPDATE relay SET tls = 'starttls', ca_file = %s",
            [str(rig.relay.certificates.authority)],
        )


@pytest.mark.chaos
def test_whatever_befalls_it_everything_adds_up(
    engine: tuple[str, Rig], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, rig = engine
    with capsys.disabled():
        print(f"\n{name}: seeds {SEED} to {SEED + RUNS - 1}, {MAILS} mails a run", flush=True)
        total = NOTHING
        for seed in range(SEED, SEED + RUNS):
            account = played(Schedule(rig, seed, MAILS), f"{name}, seed {seed}", tmp_path / "log")
            print(f"  seed {seed}: {account}", flush=True)
            total += account
        print(f"{name} runs={RUNS} {total}")


def played(schedule: Schedule, name: str, logs: Path) -> Account:
    """When it does not add up: its story, and what the processes wrote, kept in `logs`."""
    try:
        return schedule.play()
    except BaseException as fault:
        shutil.copytree(schedule.rig.home / "log", logs)
        story = "\n  ".join([*schedule.story, f"The logs: {logs}"])
        raise AssertionError(f"{name}: {fault}\n  {story}") from fault
