"""A drained worker's slot rests under `postroad up` until it is let work again."""

import os
import signal
import socket
from collections.abc import Iterator
from typing import cast

import pytest

from postroad.cli.supervise_state import running_state
from postroad.testing.database import private_home
from postroad.testing.product import Product

from .conftest import CLOCKS

ALIVE = (
    "SELECT coalesce(array_agg(slot ORDER BY slot), '{}') FROM worker"
    " WHERE ended_at IS NULL AND alive_until > now()"
)
UP = ("work", "--min", "2", "--max", "2")


@pytest.fixture
def product(database: str) -> Iterator[Product]:
    with private_home() as home:
        product = Product(home, database, CLOCKS)
        product.workers.append(product.start(*UP))
        try:
            yield product
        finally:
            end(product)


def end(product: Product) -> None:
    for up in product.workers:
        up.terminate()
        up.wait(60)


def alive(product: Product) -> list[str]:
    return cast("list[str]", product.call(ALIVE)[0])


def until_alive(product: Product, *slots: str) -> None:
    product.until(lambda: alive(product) == list(slots), f"alive are {slots}")


def pid_of(product: Product, slot: str) -> int:
    state = running_state(product.home)
    return state.children[slot].pid if state and slot in state.children else 0


def drain(product: Product, slot: str) -> None:
    asked = "SELECT drain_worker(id, 'manager') FROM worker WHERE slot = %s AND ended_at IS NULL"
    assert product.call(asked, slot) == ("draining",)
    until_resting_anew(product, slot)


def until_resting_anew(product: Product, slot: str) -> None:
    """Who was started in the slot says that it waits."""
    product.until(lambda: f"{slot} rests" in said(product, slot), "it waits")


def said(product: Product, slot: str) -> str:
    return (product.home / "log" / f"{slot}.log").read_text(encoding="utf-8")


def test_a_drained_slot_rests_while_the_other_is_started_again(product: Product) -> None:
    until_alive(product, "worker-1", "worker-2")
    drain(product, "worker-1")
    until_alive(product, "worker-2")
    other = pid_of(product, "worker-2")
    os.kill(other, signal.SIGKILL)
    fresh = "SELECT count(*) FROM worker WHERE slot = 'worker-2' AND pid <> %s AND ended_at IS NULL"
    product.until(lambda: product.call(fresh, other)[0] == 1, "the killed one is started again")
    count = "SELECT count(*) FROM worker WHERE slot = 'worker-1'"
    assert product.call(count)[0] == 1, "nobody came to the slot that rests"
    asked = "SELECT end_rest(%s, 'worker-1', 'manager')"
    assert product.call(asked, socket.gethostname()) == (True,)
    product.until(lambda: "worker-1" in alive(product), "it works again")
    assert product.call("SELECT count(*) FROM journal WHERE kind = 'rest_ended'")[0] == 1


def test_a_slot_rests_over_a_restart(product: Product) -> None:
    until_alive(product, "worker-1", "worker-2")
    drain(product, "worker-2")
    until_alive(product, "worker-1")
    end(product)
    (product.home / "log" / "worker-2.log").unlink()
    product.workers.append(product.start(*UP))
    product.until((product.home / "log" / "worker-2.log").exists, "it was started")
    until_resting_anew(product, "worker-2")
    until_alive(product, "worker-1")
