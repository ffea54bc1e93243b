"""Real workers at a relay that takes chunks and fails after the last of a mail; FAULTS 2 and 14."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroad.core.outcome import Phase
from postroad.testing.database import TestServer
from postroad.testing.relay import Act, Event, Rule, Script

from .account import account_of
from .relays import depths_of
from .rig import Rig, a_rig

MAILS = 600
SOME_ACCEPTED = 100
ANNOUNCE = (*Script().announce, "CHUNKING")
BAD_ANSWERS = {
    "dropped": Rule(Phase.DOT, Act.DROP, every=100),
    "taken and dropped": Rule(Phase.DOT, Act.DROP, every=100, is_accepted=True),
    "taken, garbage said": Rule(Phase.DOT, Act.GARBAGE, every=100, is_accepted=True),
}


@contextmanager
def under_way(tmp_path: Path, server: TestServer, *rules: Rule) -> Iterator[tuple[Rig, int]]:
    script = Script(announce=ANNOUNCE, delays={Phase.DOT: 0.003}, rules=rules)
    with a_rig(tmp_path, server.shelf, script) as rig:
        run = rig.ready(MAILS)
        rig.launch(run)
        yield rig, run


def ends_well(rig: Rig, run: int) -> int:
    """Returns how many are unknown; of those nobody was sent to again."""
    rig.until_quiet(run)
    account = account_of(rig, run, each=rig.past_their_dot)
    account.must_add_up()
    assert rig.counts(run).get("accepted", 0) + account.unknown == MAILS
    assert max(rig.relay.tally.received.values()) == 1
    assert any(event.is_ahead for event in rig.relay.events()), "no mail followed in the same write"
    return account.unknown


@pytest.mark.fault(14)
@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_a_bad_answer_to_the_last_chunk_leaves_what_was_written_unknown(
    tmp_path: Path, postgres_server: TestServer, answer: str
) -> None:
    with under_way(tmp_path, postgres_server, BAD_ANSWERS[answer]) as (rig, run):
        unknown = ends_well(rig, run)
        assert 0 < rig.relay.tally.broken <= unknown


@pytest.mark.fault(1, 2)
def test_a_worker_killed_between_chunks_leaves_what_was_written_unknown(
    tmp_path: Path, postgres_server: TestServer
) -> None:
    with under_way(tmp_path, postgres_server) as (rig, run):
        rig.until_accepted(SOME_ACCEPTED)
        rig.kill_worker()
        ends_well(rig, run)


def test_no_more_replies_are_lost_than_mails_were_on_their_way() -> None:
    """A session's depth is one at first, and doubles with each mail accepted."""
    told = [("accepted", 1), ("broken", 2), ("accepted", 3), ("broken", 3), ("accepted", 3),
            ("broken", 3), *[("accepted", 4)] * 9, ("broken", 4)]  # fmt: skip
    depths, broken = depths_of([Event(event, 0, number, 1) for event, number in told], 8)
    assert broken == {2: 1, 3: 2, 4: 8}
    assert depths[1] == 2
