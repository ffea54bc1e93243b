"""A relay dies in the middle of a run: its reserve completes it."""

import asyncio
from pathlib import Path

import pytest

from postroad.core.ids import RunId
from postroad.core.outcome import Phase
from postroad.testing.relay import RelayProcess, Script, relay_process

from .rig import LOOK_SECONDS, PATIENCE_SECONDS, Rig, a_rig
from .worker_process import a_worker_process

pytestmark = pytest.mark.asyncio
PEOPLE = 600
BEFORE = 150
CONNECTIONS = 4
SLOW = Script(delays={Phase.DOT: 0.03})


def by_relay(rig: Rig, run: RunId) -> dict[int, set[str]]:
    """Who was accepted, by the relay that the journal names."""
    rows = rig.connection.execute(
        """SELECT relay_id, array_agg(address) FROM journal j JOIN delivery d USING (run_id, n)
           WHERE run_id = %s AND j.kind = 'accepted' GROUP BY relay_id""",
        [run],
    )
    return {relay: set(addresses) for relay, addresses in rows.fetchall()}


async def dies(relay: RelayProcess) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while relay.tally.accepted.total() < BEFORE:  # noqa: ASYNC110 - no bell rings here.
            await asyncio.sleep(LOOK_SECONDS)
    relay.kill()


async def test_a_reserve_completes_the_run_of_a_relay_that_dies(
    database: str, tmp_path: Path
) -> None:
    """Unknown is at most what each connection had past its dot."""
    folders = tmp_path / "first", tmp_path / "second"
    for folder in folders:
        folder.mkdir()
    with relay_process(folders[0], SLOW) as first, relay_process(folders[1], SLOW) as second:
        async with a_rig(database, workers=0) as rig:
            ports = {1: first.port, 2: second.port}
            async with a_worker_process(database, ports, connections=CONNECTIONS):
                weights = [{"relay_id": 1, "weight": 1}, {"relay_id": 2, "weight": 0}]
                run = await rig.ready(PEOPLE, relays=weights)
                rig.launch(run)
                await dies(first)
                await rig.until(run, "finished")
            rig.adds_up(run)
            counts, named = rig.counts(run), by_relay(rig, run)
        took = {1: first.tally.accepted_recipients, 2: second.tally.accepted_recipients}
    print("FIG", counts, {k: len(v) for k, v in named.items()})
    assert set(counts) <= {"accepted", "unknown"}
    assert counts.get("unknown", 0) <= CONNECTIONS
    assert named[2] == set(took[2])
    assert named[1] <= set(took[1])
    assert len(named[1]) >= BEFORE - CONNECTIONS
    assert len(set(took[1]) - named[1]) <= counts.get("unknown", 0)
    assert set((took[1] + took[2]).values()) == {1}
