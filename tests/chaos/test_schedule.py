"""Faults that befall the broker, or the database, at one moment, whichever is drawn first."""

import os
import random
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

import pytest

from postroad.testing.database import TestServer
from postroad.testing.rabbitmq import RabbitMQNode

from .broker_faults import BROKER_ORDER
from .faults import DATABASE_ORDER, Fault
from .rig import Rig, a_rig
from .schedule import in_order


def test_faults_of_the_broker_at_one_moment_do_not_disturb_each_other(
    tmp_path: Path, postgres_server: TestServer, own_rabbitmq: RabbitMQNode
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=0, broker=own_rabbitmq) as rig:
        befall_in_pairs(rig, BROKER_ORDER)
        assert own_rabbitmq.ask("1 + 1") == "2"


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a disk of its own")
def test_faults_of_the_database_at_one_moment_do_not_disturb_each_other(
    tmp_path: Path, postgres_server: TestServer
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=0, disk=True) as rig:
        befall_in_pairs(rig, DATABASE_ORDER)
        assert rig.server.status().state == "running"


def befall_in_pairs(rig: Rig, known: Sequence[Fault]) -> None:
    """Each pair, drawn the wrong way round."""
    for faults in combinations(reversed(known), 2):
        with ExitStack() as stack:
            for fault in in_order(faults):
                stack.enter_context(fault(rig, random.Random(1)))
