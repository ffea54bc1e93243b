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

    def start_later(self, *arguments: str) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(self.later), *filter(None, sys.path)])
        worker = self.product.start("work", *arguments, PYTHONPATH=path)
        self.product.workers.append(worker)
        return worker

    def change(self, name: str, line: str, new: str) -> None:
        """In the later version's package."""
        file = self.later / "postroad" / name
        text = file.read_text(encoding="utf-8")
        assert line in text
        file.write_text(text.replace(line, new), encoding="utf-8")

    def refer_anew(self) -> None:
        """The later version writes references of a version 2, and understands those of 1 too."""
        self.change("engine/doorbell/reference.py", "VERSION = 1\n", "VERSION = 2\n")
        self.change("engine/doorbell/reference.py", "!= VERSION", "not in (1, VERSION)")
        self.change("engine/doorbell/port.py", "v: int = 1", "v: int = 2")

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

    def put_aside(self) -> set[str]:
        """What the journal says of each reference that could not be read."""
        with psycopg.connect(self.product.dsn) as connection:
            rows = connection.execute("SELECT text FROM journal WHERE kind = 'put_aside'")
            return {row[0] for row in rows}


@pytest.fixture
def upgrade(database: str, relay: RelayProcess, tmp_path: Path) -> Iterator[Upgrade]:
    furnish(database, relay.port)
    later = tmp_path / "later"
    package = Path(postroad.__file__).parent
    shutil.copytree(
        package, later / "postroad", ignore=shutil.ignore_patterns("__pycache__", "static", "web")
    )
    with private_home() as home:
        made = Upgrade(Product(home, database, CLOCKS), later)
        own, its = f'__version__ = "{postroad.__version__}"', f'__version__ = "{NEXT}"'
        made.change("__init__.py", own, its)
        made.change("core/protocol_version.py", f"Final = {SPOKEN}", f"Final = {SPOKEN + 1}")
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
    ends_well(upgrade, relay, run)
    assert upgrade.sent_by().keys() == {postroad.__version__, NEXT}
    later.terminate()
    assert later.wait(60) == 0


NEVER = {"POSTROAD_SWEEP_SECONDS": "3600", "POSTROAD_RING_AGAIN_SECONDS": "3600"}
"""Nobody looks by himself or rings again: what is not heard is not worked on."""


@pytest.mark.fault(24)
def test_references_that_the_old_version_queued_at_a_broker_are_heard_by_the_later_one(
    upgrade: Upgrade, relay: RelayProcess, broker_url: str
) -> None:
    product = upgrade.product
    upgrade.refer_anew()
    product.environment = CLOCKS | NEVER | {"BROKER_URL": broker_url}
    old = product.start_worker()
    run = product.ready(MAILS)
    upgrade.serve(SPOKEN, SPOKEN + 1)
    product.launch(run)
    product.until(lambda: upgrade.sent_by().keys() == {postroad.__version__}, "the old one sends")
    old.terminate()
    assert old.wait(60) == 0
    waiting = "SELECT count(*) FROM batch WHERE rung_at IS NOT NULL AND stage <> 'done'"
    assert product.call(waiting)[0] != 0
    later = upgrade.start_later()
    ends_well(upgrade, relay, run)
    assert upgrade.sent_by().keys() == {postroad.__version__, NEXT}
    assert upgrade.put_aside() == set(), "the old references were understood"
    later.terminate()
    assert later.wait(60) == 0


@pytest.mark.fault(24)
def test_references_of_the_later_version_are_put_aside_by_the_old_one_and_nothing_is_lost(
    upgrade: Upgrade, relay: RelayProcess, broker_url: str
) -> None:
    product = upgrade.product
    upgrade.refer_anew()
    product.environment = CLOCKS | {"BROKER_URL": broker_url, "POSTROAD_RING_AGAIN_SECONDS": "1"}
    upgrade.serve(SPOKEN, SPOKEN + 1)
    later = upgrade.start_later("--stages", "select,prepare")
    run = product.ready(MAILS)
    product.launch(run)
    rung = "SELECT count(*) FROM batch WHERE rung_at IS NOT NULL AND stage = 'dispatch'"
    product.until(lambda: product.call(rung)[0] == MAILS // 100, "all of them are rung")
    old = product.start_worker()
    ends_well(upgrade, relay, run)
    reason = "it is of version 2, and version 1 is understood"
    assert upgrade.put_aside()
    assert all(reason in text for text in upgrade.put_aside())
    assert upgrade.sent_by().keys() == {postroad.__version__}
    for worker in (old, later):
        worker.terminate()
        assert worker.wait(60) == 0


def ends_well(upgrade: Upgrade, relay: RelayProcess, run: int) -> None:
    product = upgrade.product
    product.until_state(run, "finished")
    assert product.counts(run) == {"accepted": MAILS}
    assert len(relay.tally.accepted) == MAILS
    assert max(relay.tally.accepted.values()) == 1


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
