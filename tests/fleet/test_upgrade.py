"""A fleet is upgraded host by host: two versions of the program share a run; FAULTS 24.

The other version is a copy of ours that says so of itself and speaks one
version more of the protocol.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

import postroad
from postroad.core.outcome import Phase
from postroad.core.protocol_version import SPOKEN
from postroad.testing.database import private_home
from postroad.testing.product import Product, furnish
from postroad.testing.relay import RelayProcess, Script, relay_process

from .conftest import CLOCKS

MAILS = 2000
NEXT = "99.0.0"


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[RelayProcess]:
    with relay_process(tmp_path, Script(delays={Phase.DOT: 0.02})) as made:
        yield made


@dataclass
class Upgrade:
    product: Product
    later: Path
    """Where the later version's package lies."""

    def start_later(self) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(self.later), *filter(None, sys.path)])
        worker = self.product.start("work", PYTHONPATH=path)
        self.product.workers.append(worker)
        return worker

    def serve(self, oldest: int, newest: int) -> None:
        """As the migration of a version does."""
        with psycopg.connect(self.product.dsn, autocommit=True) as connection:
            connection.execute(
                "CREATE OR REPLACE FUNCTION public.protocol_versions"
                " (OUT oldest integer, OUT newest integer) LANGUAGE sql IMMUTABLE"
                f" AS 'SELECT {oldest}, {newest}'".encode()
            )

    def sent_by(self) -> dict[str, int]:
        """Mails by the version of the worker that sent them."""
        with psycopg.connect(self.product.dsn) as connection:
            return dict(
                connection.execute(
                    "SELECT w.version, count(*) FROM journal j"
                    " JOIN worker w ON j.actor = 'worker ' || left(w.id::text, 8)"
                    " WHERE j.kind = 'accepted' GROUP BY 1"
                ).fetchall()
            )


@pytest.fixture
def upgrade(database: str, relay: RelayProcess, tmp_path: Path) -> Iterator[Upgrade]:
    furnish(database, relay.port)
    later = tmp_path / "later"
    package = Path(postroad.__file__).parent
    shutil.copytree(
        package, later / "postroad", ignore=shutil.ignore_patterns("__pycache__", "static", "web")
    )
    for name, line, new in (
        ("__init__.py", f'__version__ = "{postroad.__version__}"', f'__version__ = "{NEXT}"'),
        ("core/protocol_version.py", f"Final = {SPOKEN}", f"Final = {SPOKEN + 1}"),
    ):
        file = later / "postroad" / name
        text = file.read_text(encoding="utf-8")
        assert line in text
        file.write_text(text.replace(line, new), encoding="utf-8")
    with private_home() as home:
        made = Upgrade(Product(home, database, CLOCKS), later)
        yield made
        made.product.end()


@pytest.mark.fault(24)
def test_two_versions_share_a_run_and_the_old_one_may_go_in_the_middle(
    upgrade: Upgrade, relay: RelayProcess
) -> None:
    product = upgrade.product
    old = product.start_worker()
    run = product.ready(MAILS)
    upgrade.serve(SPOKEN, SPOKEN + 1)
    product.launch(run)
    product.until(lambda: upgrade.sent_by().keys() == {postroad.__version__}, "the old one sends")
    later = upgrade.start_later()
    product.until(lambda: len(upgrade.sent_by()) == 2, "both versions send", run)
    assert product.state(run) == "running"
    old.terminate()
    assert old.wait(60) == 0
    product.until_state(run, "finished")
    assert product.counts(run) == {"accepted": MAILS}, "what the old one prepared is understood"
    assert len(relay.tally.accepted) == MAILS
    assert max(relay.tally.accepted.values()) == 1
    assert upgrade.sent_by().keys() == {postroad.__version__, NEXT}
    later.terminate()
    assert later.wait(60) == 0


@pytest.mark.fault(24)
def test_the_later_version_waits_for_its_schema_and_the_old_one_is_then_refused(
    upgrade: Upgrade,
) -> None:
    product = upgrade.product
    later = upgrade.start_later()
    log = product.home / "log"
    product.until(
        lambda: any("postroad migrate" in each.read_text("utf-8") for each in log.glob("*")),
        "it says what it waits for",
    )
    assert later.poll() is None
    upgrade.serve(SPOKEN + 1, SPOKEN + 1)
    alive = "SELECT count(*) FROM worker WHERE version = %s"
    product.until(lambda: product.call(alive, NEXT)[0] == 1, "it works")
    assert product.start_worker().wait(60) == 1
    assert product.call(alive, postroad.__version__)[0] == 0
    later.terminate()
    assert later.wait(60) == 0
