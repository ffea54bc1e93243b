"""A database of its own, a relay, a letter and workers: what most benchmarks stand on.

Embedded PostgreSQL with fsync; windows, journal, states, suppression check and
live counters on; TLS and DKIM off.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg

from bench.cpu import postmaster_of, seconds_of
from postroad.store.embedded import EmbeddedServer
from postroad.testing.database import ended_with_us, migrate, private_home
from postroad.testing.product import LOOK_SECONDS, Product, furnish

OCTETS = 8000
LINES = 49
LETTER = (
    "<!doctype html>\n<html><body>\n<p>Dear {{ name }},</p>\n"
    + "<p>A line of text that is <b>as long</b> as most are in a letter like this.</p>\n" * LINES
    + "</body></html>\n"
)
"""HTML, from which its text is made: mails of 8 KB, about."""


@contextmanager
def a_scene(
    port: int, connections: int, workers: int, environment: Mapping[str, str] | None = None
) -> Iterator[Product]:
    """`connections` of each worker to the sink at this port."""
    with private_home("postroad-bench-") as home, ended_with_us(home):
        dsn = EmbeddedServer(home).start()
        migrate(dsn)
        furnish(dsn, port, LETTER, connections)
        # All addresses are of one domain, as in no list of people.
        alone = {"POSTROAD_DOMAIN_CONNECTIONS": "0"}
        product = Product(home, dsn, alone | dict(environment or {}))
        try:
            for _ in range(workers):
                product.start_worker()
            yield product
        finally:
            product.end()


def prepared(product: Product, mails: int) -> tuple[int, float]:
    """A verified run, and how many mails a second that took."""
    began = time.monotonic()
    run = product.verify(mails)
    until(product, run, "ready")
    return run, mails / (time.monotonic() - began)


def sent(product: Product, run: int, mails: int) -> float:
    """From Launch to the end of the run, in mails a second; all were accepted."""
    before = _cpu(product)
    began = time.monotonic()
    product.launch(run)
    until(product, run, "finished")
    rate = mails / (time.monotonic() - began)
    used = {name: (s - before[name]) / mails * 1e6 for name, s in _cpu(product).items()}
    print("  CPU a mail: " + ", ".join(f"{name} {us:.0f} µs" for name, us in used.items()))
    assert product.counts(run) == {"accepted": mails}, product.counts(run)
    return rate


def until(product: Product, run: int, state: str) -> None:
    """Looks on one connection: a new one costs the database more than a hundred mails."""
    with psycopg.connect(product.dsn, autocommit=True) as connection:
        while True:
            found = connection.execute("SELECT state, reason FROM run WHERE id = %s", [run])
            now, reason = found.fetchone() or ("", "")
            if now == state:
                return
            if now in ("held", "stopped", "failed"):
                raise SystemExit(f"The run is {now}: {reason}")
            time.sleep(LOOK_SECONDS)


def _cpu(product: Product) -> dict[str, float]:
    return {
        "workers": seconds_of(worker.pid for worker in product.workers),
        "database": seconds_of([postmaster_of(product.home)]),
    }
