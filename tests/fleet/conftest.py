"""Two hosts, mars and venus, around one database and one relay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing import netns
from postroad.testing.database import TestServer
from postroad.testing.fleet import Fleet, a_fleet
from postroad.testing.relay import Script

CLOCKS = {
    "POSTROAD_HEARTBEAT_SECONDS": "0.3",
    "POSTROAD_LEASE_SECONDS": "3",
    "POSTROAD_SEND_GUARD_SECONDS": "2",
    "POSTROAD_SWEEP_SECONDS": "0.5",
}
SLOW = Script(delays={Phase.DOT: 0.01})
"""Each worker has 4 connections: some 300 mails a second."""


@pytest.fixture
def fleet(tmp_path: Path, postgres_server: TestServer) -> Iterator[Fleet]:
    if absent := netns.missing():
        pytest.skip(absent)
    hosts = ("mars", "venus")
    with a_fleet(tmp_path, postgres_server.shelf, *hosts, script=SLOW, environment=CLOCKS) as made:
        yield made
