"""A private redis-server, on the loopback, gone with whoever asked for it."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from postroad.testing.certificates import Certificates
from postroad.testing.database import ended_with_us, private_home
from postroad.testing.rabbitmq import free_ports


@contextmanager
def a_redis(tls: Certificates | None = None) -> Iterator[str]:
    """Its URL. With certificates it speaks TLS alone."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    (port,) = free_ports(1)
    listening = ["--port", str(port)] if tls is None else _with_tls(port, tls)
    with private_home("postroad-redis-") as home, ended_with_us(home):
        server = subprocess.Popen(
            [program, *listening, "--bind", "127.0.0.1", "--save", "", "--dir", str(home)],
            stdout=subprocess.DEVNULL,
        )
        try:
            _until_it_listens(port)
            yield f"redis{'s' if tls else ''}://localhost:{port}/0"
        finally:
            server.kill()
            server.wait()


def _with_tls(port: int, tls: Certificates) -> list[str]:
    return [
        *("--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"),
        *("--tls-cert-file", str(tls.valid), "--tls-key-file", str(tls.valid)),
        *("--tls-ca-cert-file", str(tls.authority)),
    ]


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("redis-server does not listen")
