"""The ledger as a file: full disks, torn lines, copies, growth, and an older database."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from postroad.core.ids import BatchId, RunId, WorkerId
from postroad.core.lifecycle import FactKind
from postroad.engine.facts import FactRow
from postroad.engine.ledger import writing
from postroad.engine.ledger.handing_in import hand_in_dead
from postroad.engine.ledger.reading import Left, claimed, read
from postroad.engine.ledger.writing import Dot, FileLedger
from postroad.engine.protocol import Protocol, open_pool

from .rig import a_rig

pytestmark = pytest.mark.asyncio
HERE = uuid4()
RUN, BATCH = RunId(7), BatchId(17)


def a_dot(n: int) -> Dot:
    return Dot(RUN, n, 1, BATCH, 1, n)


def a_ledger(directory: Path) -> FileLedger:
    return FileLedger(directory, WorkerId(uuid4()), HERE)


def accepted(n: int) -> FactRow:
    return FactRow(n, 1, FactKind.ACCEPTED, code=250, text="250 Ok: queued, é")


def left_by(path: Path) -> Left:
    with claimed(path) as file:
        assert file is not None, "its worker lives"
        left = read(file)
    assert left is not None
    return left


def die(ledger: FileLedger) -> None:
    """What the kernel does with a killed process: the file is closed, no more."""
    ledger._let_go()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("a small disk is mounted by root only")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(place)], check=True)


async def test_a_dot_is_in_the_file_before_the_call_returns(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    assert ledger.dot(a_dot(3))
    assert ledger.path.read_bytes().endswith(b". 7 3 1 17 1 3\n")


async def test_a_reply_is_in_the_file_after_this_turn_of_the_loop(tmp_path: Path) -> None:
    import asyncio

    ledger = a_ledger(tmp_path)
    ledger.dot(a_dot(3))
    ledger.replied(RUN, BATCH, accepted(3))
    await asyncio.sleep(0)
    die(ledger)
    left = left_by(ledger.path)
    assert left.is_whole
    assert left.dots == [a_dot(3)]
    assert left.facts == {(RUN, BATCH): [accepted(3)]}


async def test_a_living_workers_ledger_is_left_alone(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    with claimed(ledger.path) as file:
        assert file is None
    die(ledger)
    with claimed(ledger.path) as file:
        assert file is not None


async def test_torn_and_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.dot(a_dot(1))
    die(ledger)
    with ledger.path.open("ab") as file:
        file.write(b'= 7 17 {"n": \n\0\0\0\0\n. 7 x\n. 7 2 1 17 1 2\n. 7 3 1 17')
    assert left_by(ledger.path).dots == [a_dot(1), a_dot(2)]


async def test_of_a_copy_and_of_another_boot_nothing_is_concluded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = a_ledger(tmp_path)
    ledger.dot(a_dot(1))
    die(ledger)
    copy = tmp_path / "copy"
    shutil.copy(ledger.path, copy)
    assert left_by(ledger.path).is_whole
    assert not left_by(copy).is_whole
    monkeypatch.setattr("postroad.engine.ledger.reading.boot_id", lambda: "another")
    assert not left_by(ledger.path).is_whole


async def test_what_is_recorded_is_dropped_when_the_file_grows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LARGEST", 4096)
    ledger = a_ledger(tmp_path)
    for n in range(1, 1001):
        assert ledger.dot(a_dot(n))
        ledger.replied(RUN, BATCH, accepted(n))
        if n != 500:
            ledger.recorded(RUN, [accepted(n)])
    die(ledger)
    assert ledger.path.stat().st_size < 3 * 4096
    left = left_by(ledger.path)
    assert left.is_whole
    assert a_dot(500) in left.dots, "what is not recorded stays"
    assert a_dot(1000) in left.dots, "so does the newest, by which an older database is known"


@pytest.mark.fault(10)
async def test_on_a_full_disk_it_is_removed_and_begins_again_with_space(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RETRY_SECONDS", 0.0)
    ledger = a_ledger(small_disk / "ledger")
    filler = small_disk / "filler"
    ledger.dot(a_dot(1))
    with pytest.raises(OSError, match="space"):
        filler.write_bytes(bytes(1 << 20))
    n = 2
    while not ledger.trouble:
        assert ledger.dot(a_dot(n)), "without a ledger mails go out all the same"
        n += 1
    filler_held = ledger.path.exists()
    assert not filler_held, "a file that lacks a line would lie"
    filler.unlink()
    assert ledger.dot(a_dot(n))
    assert ledger.trouble == ""
    die(ledger)
    assert set(left_by(ledger.path).dots) == {a_dot(k) for k in range(1, n + 1)}


@pytest.mark.fault(10)
async def test_no_mail_goes_out_while_a_file_that_lacks_lines_cannot_be_removed(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "RETRY_SECONDS", 0.0)
    ledger = a_ledger(small_disk)
    ledger.dot(a_dot(1))
    os.close(ledger._file)
    ledger._file = os.open("/dev/full", os.O_WRONLY)
    remount(small_disk, "ro")
    assert not ledger.dot(a_dot(2))
    assert not ledger.dot(a_dot(2))
    remount(small_disk, "rw")
    assert ledger.dot(a_dot(2))
    die(ledger)
    assert left_by(ledger.path).dots == [a_dot(1), a_dot(2), a_dot(2)]


async def _handed_in(directory: Path, dsn: str) -> int:
    pool = open_pool(dsn, 1)
    async with pool:
        return await hand_in_dead(directory, Protocol(pool, WorkerId(uuid4())))


def _installation(connection: psycopg.Connection) -> UUID:
    row = connection.execute("SELECT id FROM installation").fetchone()
    assert row is not None
    return UUID(str(row[0]))


@pytest.mark.fault(25)
async def test_a_ledger_newer_than_the_database_holds_live_runs(
    database: str, tmp_path: Path
) -> None:
    async with a_rig(database) as rig:
        run = await rig.ready(30)
        epoch = rig.call("SELECT epoch FROM run WHERE id = %s", run)[0]
        batch = BatchId(int(str(rig.call("SELECT id FROM batch LIMIT 1")[0])))
        ledger = FileLedger(tmp_path, WorkerId(uuid4()), _installation(rig.connection))
        # The database was set back to before this worker claimed the batch.
        ledger.dot(Dot(run, 5, 1, batch, 1, 5))
        ledger.replied(run, batch, FactRow(5, 1, FactKind.ACCEPTED, code=250, text="250 Ok"))
        ledger.close()
        assert await _handed_in(tmp_path, database) == 1
        state, raised, reason = rig.call("SELECT state, epoch, reason FROM run WHERE id = %s", run)
        assert (state, raised) == ("held", int(str(epoch)) + 1)
        assert "Up to 30 mails of this run may have gone out since" in str(reason)
        assert rig.counts(run) == {"prepared": 29, "accepted": 1}, "the reply is evidence"
        assert not ledger.path.exists()
        rig.adds_up(run)


async def test_another_databases_ledger_is_left_alone(database: str, tmp_path: Path) -> None:
    ledger = a_ledger(tmp_path)
    ledger.dot(a_dot(1))
    ledger.close()
    assert await _handed_in(tmp_path, database) == 0
    assert ledger.path.exists()


async def test_of_a_run_that_is_not_there_its_facts_are_journaled(
    database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        ledger = FileLedger(tmp_path, WorkerId(uuid4()), _installation(connection))
        ledger.replied(RUN, BATCH, accepted(1))
        ledger.close()
        assert await _handed_in(tmp_path, database) == 1
        row = connection.execute("SELECT text FROM journal WHERE kind = 'alarm'").fetchone()
        assert row is not None
        assert "tells of run 7, which is not there" in row[0]
