"""Servers that are not ours: Postfix's sink, and the relay as a process of its own."""

import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from postroad.core.ids import RelayId
from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase, Verdict
from postroad.engine.smtp.pool import Pool
from postroad.testing.relay import Act, Rule, Script, relay_process
from tests.smtp.mails import PATIENT, Outcomes, sent, some_mails

SINK = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert isinstance(port, int)
        return port


@contextmanager
def a_sink(*options: str) -> Iterator[RelayTarget]:
    if SINK is None:
        pytest.skip("smtp-sink (Debian package postfix) is not installed")
    port = free_port()
    account = ("-u", "nobody") if os.geteuid() == 0 else ()
    command = [SINK, *account, *options, f"127.0.0.1:{port}", "100"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            yield RelayTarget(RelayId(1), "127.0.0.1", port, "none")
        finally:
            process.kill()


async def listening(relay: RelayTarget) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection(relay.host, relay.port)
            except ConnectionError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


@pytest.mark.parametrize("option", [[], ["-p"], ["-e"], ["-8", "-E", "-F"]])
async def test_postfix_sink_takes_every_mail(option: list[str]) -> None:
    with a_sink(*option) as relay:
        await listening(relay)
        outcomes = Outcomes()
        pool = Pool(relay, PATIENT, outcomes)
        body = b".stuffed\r\n" * 5000
        pool.offer([*some_mails(100), *some_mails(10, first=200, body=body)])
        await asyncio.wait_for(pool.drain(), 20)
        await pool.close()
    assert outcomes.counts == {Verdict.ACCEPTED: 110}


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        (["-r", "mail"], Verdict.DEFERRED),
        (["-r", "rcpt"], Verdict.DEFERRED),
        (["-r", "data"], Verdict.DEFERRED),
        (["-r", "."], Verdict.DEFERRED),
        (["-f", "mail"], Verdict.DEAD),
        (["-f", "rcpt", "-B", "550 5.1.1 No such user"], Verdict.REJECTED),
        (["-f", "data"], Verdict.DEAD),
        (["-f", "."], Verdict.DEAD),
        (["-q", "rcpt"], Verdict.NOT_BEGUN),
        (["-q", "."], Verdict.UNKNOWN),
    ],
)
async def test_postfix_sink_refuses_and_is_understood(options: list[str], verdict: Verdict) -> None:
    with a_sink(*options) as relay:
        await listening(relay)
        outcomes, _ = await sent(relay, some_mails(3))
    assert outcomes[1].verdict is verdict


async def test_the_relay_process_writes_down_what_it_took(tmp_path: Path) -> None:
    rules = (
        Rule(Phase.DOT, Act.DROP, nth=(3,), is_accepted=True),
        Rule(Phase.RCPT, reply="550 5.1.1 No", recipient="person7@*"),
        Rule(Phase.DOT, reply="451 4.3.0 Later", chance=0.1),
    )
    with relay_process(tmp_path, Script(rules=rules, seed=7)) as relay:
        outcomes = Outcomes()
        pool = Pool(relay.target(), PATIENT, outcomes)
        pool.offer(some_mails(100))
        await asyncio.wait_for(pool.drain(), 20)
        await pool.close()
        relay.process.kill()
        relay.process.wait()
        tally = relay.tally
    counts = outcomes.counts
    assert counts[Verdict.UNKNOWN] == 1
    assert counts[Verdict.REJECTED] == 1
    assert sum(counts.values()) == 100
    assert len(tally.accepted) == counts[Verdict.ACCEPTED] + 1
    assert not tally.twice
    assert tally.begun_recipients["person7@example.org"] == 1
