"""The queues shown, purged and ended from the command line; counted at the relay."""

import asyncio
import json
import os
import pty
import subprocess
import sys
import time
from dataclasses import asdict

import pytest

from postroad.core.ids import RunId
from postroad.core.queue import NothingQueued, NothingRuns
from postroad.testing.promised import allowed
from postroad.testing.relay import Phase, Script
from tests.engine.rig import Rig, a_rig

from .rig import Cli

SECONDS = 2.0
PEOPLE = 6000
FIRST = 300


async def launched(dsn: str, people: int) -> RunId:
    """Its worker is gone: all of it waits."""
    async with a_rig(dsn, workers=1) as rig:
        run = await rig.ready(people)
        await rig.stop_workers()
        rig.launch(run)
        rig.call("UPDATE queue_count SET at = at - interval '1 hour' RETURNING took_ms")
        rig.call("SELECT count_queues()")
        return run


def told(cli: Cli, *words: str) -> dict[str, object]:
    done = cli.run_inside(*words, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_what_waits_is_listed_by_stage_and_lane(cli: Cli) -> None:
    assert cli.run_inside("queue", "list").stdout == "Both queues are empty.\n"
    asyncio.run(launched(cli.dsn, 250))
    listed = told(cli, "queue", "list")
    (row,) = json.loads(json.dumps(listed["queues"]))
    assert (row["stage"], row["waiting_batches"], row["waiting_mails"]) == ("dispatch", 3, 250)
    assert listed["age_seconds"] is not None
    shown = cli.run_inside("queue", "list").stdout
    assert "dispatch" in shown
    assert " 250 " in shown


def test_a_queue_is_purged_once_and_only_when_it_is_meant(cli: Cli) -> None:
    asyncio.run(launched(cli.dsn, 250))
    asked = cli.run_inside("queue", "purge", "dispatch")
    assert (asked.returncode, "add --yes" in asked.stderr) == (1, True)
    listed = told(cli, "queue", "list")
    assert json.loads(json.dumps(listed["queues"]))[0]["waiting_mails"] == 250
    purged = told(cli, "queue", "purge", "dispatch", "--yes")
    assert (purged["changed"], purged["runs"], purged["batches"]) == (True, 1, 3)
    assert purged["mails"] == 250
    again = told(cli, "queue", "purge", "dispatch", "--yes")
    nothing = NothingQueued("dispatch")
    assert again == {"changed": False, **asdict(nothing), "text": nothing.text}
    assert nothing.text in cli.run_inside("queue", "purge", "dispatch", "--yes").stdout


@pytest.mark.parametrize(("answer", "is_purged"), [(b"n\n", False), (b"y\n", True)])
def test_who_is_asked_is_told_the_numbers_and_decides(
    cli: Cli, answer: bytes, *, is_purged: bool
) -> None:
    run = asyncio.run(launched(cli.dsn, 250))
    terminal, stdin = pty.openpty()
    os.write(terminal, answer)
    done = subprocess.run(
        [sys.executable, "-m", "postroad", "queue", "purge", "dispatch"],
        env=cli.environment, stdin=stdin, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(stdin)
    asked = "dispatch queue: 250 mails in 3 batches and 0 that workers hold, of 1 runs, for good?"
    assert asked in done.stderr
    assert "[y/N]" in done.stderr
    assert done.returncode == (0 if is_purged else 1), done.stderr
    assert ("Nothing was changed." in done.stderr) is not is_purged
    waiting = told(cli, "queue", "purge", "dispatch", "--yes")["changed"]
    assert waiting is not is_purged, run


def test_a_queue_of_another_name_is_told(cli: Cli) -> None:
    done = cli.run_inside("queue", "purge", "record", "--yes")
    assert done.returncode == 2
    assert "'prepare', 'dispatch'" in done.stderr


def test_stop_everything_wants_the_word_and_is_done_once(cli: Cli) -> None:
    asyncio.run(launched(cli.dsn, 250))
    unsaid = cli.run_inside("stop", "--yes")
    assert (unsaid.returncode, "postroad stop --everything" in unsaid.stderr) == (1, True)
    asked = cli.run_inside("stop", "--everything")
    assert (asked.returncode, "add --yes" in asked.stderr) == (1, True)
    stopped = told(cli, "stop", "--everything", "--yes")
    assert (stopped["changed"], stopped["runs"], stopped["purged"]) == (True, 1, 250)
    again = cli.run_inside("stop", "--everything", "--yes")
    assert again.stdout == NothingRuns().text + "\n"


def slow() -> Script:
    """Two hundred mails a second at most: a command takes a second to start, or many."""
    return Script(delays={Phase.DOT: 0.5})


async def end_at_full_speed(cli: Cli, *words: str) -> None:
    """Counted at the relay: nothing begins later than two seconds after the command was done."""
    async with a_rig(cli.dsn, slow(), workers=2, connections=50) as rig:
        run = await rig.ready(PEOPLE)
        rig.launch(run)
        await rig.relay.until("accepted", FIRST)
        process = await asyncio.to_thread(cli.run, *words, "--yes")
        done_at = time.time()
        assert process.returncode == 0, process.stderr
        await rig.until_true(
            "SELECT count(*) = 0 FROM batch WHERE run_id = %s AND stage <> 'done'", run
        )
        assert FIRST < len(rig.relay.tally.accepted) < PEOPLE
        assert rig.relay.tally.last_begun_at <= done_at + allowed(SECONDS)
        all_are_accounted_for(rig, run)


def all_are_accounted_for(rig: Rig, run: RunId) -> None:
    counts = rig.counts(run)
    assert counts == {
        "accepted": len(rig.relay.tally.accepted),
        "purged": PEOPLE - len(rig.relay.tally.accepted),
    }
    journaled = rig.call(
        "SELECT count(DISTINCT n) FROM journal WHERE run_id = %s AND kind = 'purged'", run
    )
    assert journaled == (counts["purged"],)
    rig.adds_up(run)


def test_a_queue_is_purged_at_full_speed_within_two_seconds(cli: Cli) -> None:
    asyncio.run(end_at_full_speed(cli, "queue", "purge", "dispatch"))


def test_everything_is_stopped_at_full_speed_within_two_seconds(cli: Cli) -> None:
    asyncio.run(end_at_full_speed(cli, "stop", "--everything"))
