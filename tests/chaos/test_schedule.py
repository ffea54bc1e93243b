"""Faults that befall the broker at one moment, whichever is drawn first."""

import random
from contextlib import ExitStack
from itertools import permutations
from pathlib import Path

from postroad.testing.database import TestServer
from postroad.testing.rabbitmq import RabbitMQNode

from .broker_faults import IN_THIS_ORDER
from .rig import a_rig
from .schedule import in_order


def test_faults_of_the_broker_at_one_moment_do_not_disturb_each_other(
    tmp_path: Path, postgres_server: TestServer, own_rabbitmq: RabbitMQNode
) -> None:
    with a_rig(tmp_path, postgres_server.shelf, workers=0, broker=own_rabbitmq) as rig:
        for faults in permutations(IN_THIS_ORDER, 2):
            with ExitStack() as stack:
                for fault in in_order(faults):
                    stack.enter_context(fault(rig, random.Random(1)))
            assert own_rabbitmq.ask("1 + 1") == "2"
