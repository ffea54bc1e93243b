"""The whole dispatch stage against a naive Celery, both to one sink on this machine.

The peer puts a task a mail on a private Redis, from which a worker with two
processes takes them; measured from the first task to the last mail at the sink.
It sends fewer mails than we do: rates are compared.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import line
from bench.dispatch import CONNECTIONS, MAILS, WORKERS
from bench.scene import a_scene, prepared, sent
from bench.sink import Sink, running_sink
from postroad.testing.rabbitmq import free_ports

PEER_MAILS = line.Size("PEER_MAILS", 3_000)
BAR = 40
LOOK_SECONDS = 0.05


def main() -> None:
    with running_sink(ours=True) as sink:
        with a_scene(sink.port, CONNECTIONS, WORKERS) as product:
            run, _ = prepared(product, MAILS.now)
            ours = sent(product, run, MAILS.now)
        theirs = naive(sink)
    print(f"  ours {ours:,.0f}/s, a task a mail {theirs:,.0f}/s")
    line.ratio("celery", ours / theirs, "a naive Celery", BAR, MAILS, PEER_MAILS)


def naive(sink: Sink) -> float:
    """Mails a second."""
    with _redis() as broker:
        told = {"NAIVE_BROKER": broker, "NAIVE_PORT": str(sink.port)}
        os.environ.update(told)
        with _workers(told):
            _taken(sink, 1)
            began = time.monotonic()
            _taken(sink, PEER_MAILS.now)
            return PEER_MAILS.now / (time.monotonic() - began)


def _taken(sink: Sink, mails: int) -> None:
    """So many tasks are put on the queue, and their mails have arrived."""
    from bench.peers.naive_celery import send

    wanted = sink.messages() + mails
    for number in range(mails):
        send.delay(f"Person {number}", f"person{number}@example.org")
    while sink.messages() < wanted:
        time.sleep(LOOK_SECONDS)


@contextmanager
def _redis() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("redis-server is not there: install Debian's package redis-server.")
    port = free_ports(1)[0]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


@contextmanager
def _workers(told: dict[str, str]) -> Iterator[None]:
    command = [
        sys.executable, "-m", "celery", "-A", "bench.peers.naive_celery", "worker",
        "--concurrency", str(WORKERS), "--loglevel", "error", "--without-gossip",
        "--without-mingle",
    ]  # fmt: skip
    environment = {**os.environ, **told, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                   "C_FORCE_ROOT": "1"}  # fmt: skip
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()
