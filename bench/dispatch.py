"""The whole dispatch stage against `smtp-source`, both to one sink on this machine.

Ours: two worker processes, from Launch to the end of a verified run. The peer:
Postfix's `smtp-source`, its mails of the same size, without a database and
without pipelining.
"""

import functools
import os
import statistics
import subprocess
import time
from pathlib import Path

from bench import line
from bench.scene import OCTETS, a_scene, prepared, sent
from bench.sink import postfix_program, running_sink
from postroad.testing.product import Product

MAILS = line.Size("MAILS", 50_000)
CONNECTIONS = 8
WORKERS = 2
BAR = 0.5


def main() -> None:
    ratio = measured()
    line.ratio("dispatch", ratio, "smtp-source", BAR, MAILS, line.ROUNDS)


@functools.cache
def measured(broker: str = "") -> float:
    """How many times the peer's rate ours is; over the broker at this URL, if one is named."""
    print(
        f"{MAILS.now:,} mails of {OCTETS / 1000:.0f} KB, {WORKERS} workers with "
        f"{CONNECTIONS} connections each; database and sink on the same {os.cpu_count()} cores"
    )
    told = {"BROKER_URL": broker} if broker else {}
    with running_sink() as sink, a_scene(sink.port, CONNECTIONS, WORKERS, told) as product:
        ratios = [a_round(product, sink.port) for _ in range(line.ROUNDS.now)]
    print(f"  min {min(ratios):.2f}, max {max(ratios):.2f} in {len(ratios)} rounds")
    return statistics.median(ratios)


def a_round(product: Product, port: int) -> float:
    """Ours and the peer's, one after the other; how many times the peer's rate ours is."""
    run, verified = prepared(product, MAILS.now)
    ours = sent(product, run, MAILS.now)
    theirs = smtp_source(port, MAILS.now)
    print(
        f"  ours {ours:,.0f}/s (verified at {verified:,.0f}/s), smtp-source {theirs:,.0f}/s: "
        f"{ours / theirs:.2f}×"
    )
    return ours / theirs


def smtp_source(port: int, mails: int) -> float:
    """Mails a second."""
    command = [
        postfix_program("smtp-source"), "-m", str(mails), "-l", str(OCTETS),
        "-s", str(CONNECTIONS * WORKERS), "-f", "me@example.com", "-t", "you@example.org",
        f"127.0.0.1:{port}",
    ]  # fmt: skip
    began = time.monotonic()
    subprocess.run(command, check=True, cwd=Path("/"))
    return mails / (time.monotonic() - began)
