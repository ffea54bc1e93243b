"""What a worker process is handed comes from its settings."""

from pathlib import Path

import psycopg
import pytest

from postroad.core.ids import RelayId
from postroad.engine.smtp.timeouts import Timeouts
from postroad.settings import Settings
from postroad.testing.product import furnish
from postroad.working import worker_plan


def test_a_relay_is_loaded_with_the_most_connections_of_a_domain(
    database: str, tmp_path: Path
) -> None:
    furnish(database, 25)
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT max(id) FROM relay").fetchone()
    assert row is not None
    for settings, most in (
        (Settings(home=tmp_path), 5),
        (Settings(home=tmp_path, domain_connections=2), 2),
    ):
        plan = worker_plan(settings, database, ("dispatch",))
        assert plan.load_relay(RelayId(row[0])).domain_connections == most


@pytest.mark.fault(13)
def test_a_relay_has_the_times_of_the_standard(tmp_path: Path) -> None:
    assert worker_plan(Settings(home=tmp_path), "", ("dispatch",)).timeouts == Timeouts()
