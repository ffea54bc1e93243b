"""The whole dispatch stage against `smtp-source`, both to one sink on this machine.

Ours: two worker processes, embedded PostgreSQL with fsync, windows, journal,
states, suppression check and live counters on; TLS and DKIM off. Measured from
launch to the end of a verified run. The peer: Postfix's `smtp-source`, its
mails of the same size, without a database and without pipelining.
"""

import os
import statistics
import subprocess
import time
from pathlib import Path

import psycopg

from bench.cpu import postmaster_of, seconds_of
from bench.sink import postfix_program, running_sink
from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import ended_with_us, migrate, private_home
from postroad.testing.product import LOOK_SECONDS, Product, furnish

MAILS = int(os.environ.get("POSTROAD_BENCH_MAILS", "20000"))
OCTETS = 8000
CONNECTIONS = 8
WORKERS = 2
ROUNDS = int(os.environ.get("POSTROAD_BENCH_ROUNDS", "3"))


def main() -> None:
    print(
        f"dispatch: {MAILS:,} mails of {OCTETS / 1000:.0f} KB, {WORKERS} workers with "
        f"{CONNECTIONS} connections each; database and sink on the same {os.cpu_count()} cores"
    )
    line = "Dear {{ name }}, " + "x" * 60 + "\n\n"
    letter = line + ("A line of text that is as long as most are in a letter like this.\n" * 112)
    with private_home("postroad-bench-") as home, ended_with_us(home), running_sink() as port:
        dsn = EmbeddedServer(home).start()
        migrate(dsn)
        furnish(dsn, port, letter, CONNECTIONS)
        product = Product(home, dsn, {})
        try:
            for _ in range(WORKERS):
                product.start_worker()
            ratios = [_round(product, port) for _ in range(ROUNDS)]
        finally:
            product.end()
    print(
        f"dispatch: {statistics.median(ratios):.2f}x smtp-source "
        f"(min {min(ratios):.2f}, max {max(ratios):.2f}, {ROUNDS} rounds)"
    )


def _round(product: Product, port: int) -> float:
    """Ours and the peer's, one after the other; how many times the peer's rate ours is."""
    prepare_began = time.monotonic()
    run = product.ready(MAILS)
    prepared = MAILS / (time.monotonic() - prepare_began)
    before = _cpu(product)
    began = time.monotonic()
    product.launch(run)
    until_finished(product, run)
    ours = MAILS / (time.monotonic() - began)
    used = {name: (s - before[name]) / MAILS * 1e6 for name, s in _cpu(product).items()}
    print("  CPU a mail: " + ", ".join(f"{name} {us:.0f} us" for name, us in used.items()))
    assert product.counts(run) == {"accepted": MAILS}
    theirs = _smtp_source(port)
    print(
        f"  ours {ours:,.0f}/s (verified at {prepared:,.0f}/s), smtp-source {theirs:,.0f}/s: "
        f"{ours / theirs:.2f}x"
    )
    return ours / theirs


def _cpu(product: Product) -> dict[str, float]:
    return {
        "workers": seconds_of(worker.pid for worker in product.workers),
        "database": seconds_of([postmaster_of(product.home)]),
    }


def until_finished(product: Product, run: int) -> None:
    """Looks on one connection: a new one costs the database more than a hundred mails."""
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        while connection.execute("SELECT state FROM run WHERE id = %s", [run]).fetchone() != (
            "finished",
        ):
            time.sleep(LOOK_SECONDS)


def _smtp_source(port: int) -> float:
    command = [
        postfix_program("smtp-source"), "-m", str(MAILS), "-l", str(OCTETS),
        "-s", str(CONNECTIONS * WORKERS), "-f", "me@example.com", "-t", "you@example.org",
        f"127.0.0.1:{port}",
    ]  # fmt: skip
    began = time.monotonic()
    subprocess.run(command, check=True, cwd=Path("/"))
    return MAILS / (time.monotonic() - began)
