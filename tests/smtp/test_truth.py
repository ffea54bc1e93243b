"""Whatever a relay does, what we say about a mail is what the relay knows of it."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.pool import Pool
from postroad.engine.smtp.timeouts import Timeouts
from postroad.testing.relay import Act, Relay, Rule, Script
from tests.smtp.mails import Outcomes, some_mails

MAILS = 25

TWICE = "250 Ok\n250 Ok"
replies = st.sampled_from(
    [
        "421 4.7.0 Slow down",
        "450 4.2.0 Later",
        "550 5.1.1 No such user",
        "552 5.3.4 Too big",
        "550 5.7.1 Not wanted",
        "554 Go away",
        "250 Ok",
        "354 Go ahead",
        "220 Hello",
        TWICE,
    ]
)
rules = st.builds(
    Rule,
    phase=st.sampled_from(Phase).filter(lambda phase: phase.value not in ("connect", "starttls")),
    act=st.sampled_from(Act).filter(lambda act: act is not Act.DRIP),
    reply=replies,
    nth=st.lists(st.integers(1, MAILS + 5), min_size=1, max_size=4).map(tuple),
    is_accepted=st.booleans(),
)
scripts = st.builds(
    Script,
    announce=st.sampled_from([Script().announce, ("8BITMIME",)]),
    rules=st.lists(rules, min_size=1, max_size=6).map(tuple),
    answers_data_always=st.booleans(),
)
# Without a 354 between envelope and content, an answer too many can't be told from the
# one that is waited for: such a relay is to be switched to one mail at a time.
chunked = st.builds(
    Script,
    announce=st.just((*Script().announce, "CHUNKING")),
    rules=st.lists(rules.filter(lambda rule: rule.reply != TWICE), min_size=1, max_size=6).map(
        tuple
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(script=scripts | chunked, connections=st.integers(1, 4), withdraws=st.booleans())
@pytest.mark.fault(14)
def test_every_mail_has_one_outcome_and_it_is_true(
    script: Script, connections: int, *, withdraws: bool
) -> None:
    asyncio.run(_check(script, connections, withdraws=withdraws))


async def _check(script: Script, connections: int, *, withdraws: bool) -> None:
    outcomes = Outcomes()
    async with Relay(script) as relay:
        pool = Pool(relay.target(connections=connections), Timeouts.all_of(0.08), outcomes)
        pool.offer(some_mails(MAILS))
        if withdraws:
            await asyncio.sleep(0.005)
        back = pool.withdraw() if withdraws else []
        await asyncio.wait_for(pool.drain(), 20)
        await pool.close()
        accepted = relay.tally.accepted
    keys = [*outcomes.by_key, *(mail.key for mail in back)]
    assert sorted(keys) == list(range(1, MAILS + 1))
    assert all(count == 1 for count in accepted.values())
    for mail in back:
        assert not accepted[f"<{mail.key}@example.com>"]
    for key, outcome in outcomes.by_key.items():
        was_accepted = accepted[f"<{key}@example.com>"] == 1
        match outcome.verdict:
            case Verdict.ACCEPTED:
                assert was_accepted
            case Verdict.UNKNOWN:
                assert outcome.phase is Phase.DOT
            case _ if outcome.reply is None or outcome.phase is not Phase.DOT:
                assert not was_accepted, outcome
            case _:
                pass  # A relay that takes a mail over and then says 4yz or 5yz is not believable.
