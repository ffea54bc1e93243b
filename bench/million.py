"""A million recipients: time and disk to verify, first mail after Launch, a worker's memory.

Over RabbitMQ: one run to few, one to many, each with a fresh worker. The three benchmarks are
three readings of it, so asked for together they cost one.
"""

import functools
import time
from dataclasses import dataclass
from pathlib import Path

from bench import line
from bench.scene import a_scene, prepared, sent, until
from bench.sink import running_sink
from postroad.testing.product import Product
from postroad.testing.rabbitmq import rabbitmq_node

FEW = 10_000
PEOPLE = line.Size("PEOPLE", 1_000_000)
CONNECTIONS = 8
FIRST_MAIL_SECONDS = 2
MEMORY_BAR = 1.2
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds; octets. Memory is the highest that the worker ever had."""

    verify_seconds: float
    database_growth: int
    broker_growth: int
    first_mail_seconds: float
    memory: int
    memory_of_few: int


@functools.cache
def measured() -> Figures:
    with (
        running_sink() as sink,
        rabbitmq_node() as node,
        a_scene(sink.port, CONNECTIONS, 1, {"BROKER_URL": node.url}) as product,
    ):
        run, _ = prepared(product, FEW)
        sent(product, run, FEW)
        few = _peak_memory(product)
        product.end()
        product.workers.clear()
        _make_people(product)
        before, broker_before = _database_size(product), _size_of(node.home)
        product.start_worker()
        began = time.monotonic()
        run = product.verify(0)
        until(product, run, "ready")
        verified = time.monotonic() - began
        growth = _database_size(product) - before
        broker_growth = _size_of(node.home) - broker_before
        rate = sent(product, run, PEOPLE.now)
        print(f"  {PEOPLE.now:,} recipients sent at {rate:,.0f}/s by one worker")
        return Figures(
            verified, growth, broker_growth, _first_mail(product, run), _peak_memory(product), few
        )


def verify() -> None:
    found = measured()
    per = MEGA / PEOPLE.now
    text = (
        f"{found.verify_seconds * per:,.0f} s per million, select and prepare with one worker; "
        f"database +{found.database_growth * per / MEGA:,.0f} MB, RabbitMQ "
        f"{found.broker_growth * per / MEGA:+,.1f} MB per million"
    )
    line.figures("verify", text, PEOPLE)


def first_mail() -> None:
    what = f"from Launch to the first mail, {PEOPLE.now:,} verified"
    line.seconds_at_most(
        "first-mail", measured().first_mail_seconds, what, FIRST_MAIL_SECONDS, PEOPLE
    )


def memory() -> None:
    found = measured()
    print(f"  {found.memory / MEGA:.0f} MB, {found.memory_of_few / MEGA:.0f} MB for {FEW:,}")
    of = f"a worker's memory in a run to {FEW:,}"
    line.ratio_at_most("memory", found.memory / found.memory_of_few, of, MEMORY_BAR, PEOPLE)


def _make_people(product: Product) -> None:
    """Everybody is in the book before the clock runs."""
    product.call(
        "WITH made AS (INSERT INTO contact (address, address_key, name)"
        " SELECT a, a, 'Person ' || k FROM (SELECT k, 'person' || k || '@example.org' AS a"
        " FROM generate_series(1, %s) k) p ON CONFLICT DO NOTHING RETURNING 1)"
        " SELECT count(*) FROM made",
        PEOPLE.now,
    )


def _first_mail(product: Product, run: int) -> float:
    """From the manager's Launch to the moment when the first 250 was read."""
    (seconds,) = product.call(
        "SELECT extract(epoch FROM min(at) FILTER (WHERE kind = 'accepted')"
        " - min(at) FILTER (WHERE kind = 'launched')) FROM journal WHERE run_id = %s",
        run,
    )
    return float(str(seconds))


def _database_size(product: Product) -> int:
    return int(str(product.call("SELECT pg_database_size(current_database())")[0]))


def _size_of(folder: Path) -> int:
    """Octets of its files."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _peak_memory(product: Product) -> int:
    """Octets."""
    (worker,) = product.workers
    for row in Path(f"/proc/{worker.pid}/status").read_text().splitlines():
        name, _, value = row.partition(":")
        if name == "VmHWM":
            return int(value.split()[0]) * 1024
    raise SystemExit("The worker is gone.")
