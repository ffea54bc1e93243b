"""A private RabbitMQ node for tests: own directory, ports and epmd, on the loopback.

    with rabbitmq_node() as node, node.vhost() as url:
        node.kill()     # SIGKILL
        node.start()    # what was confirmed is still there

A start takes some five seconds, a virtual host twenty milliseconds: share the
node, not the host. It ends with the process that asked for it, by kill -9 too.
"""

import contextlib
import itertools
import os
import queue
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from postroad.testing.database import private_home

START_SECONDS: Final = 120.0
ANSWER_SECONDS: Final = 30.0
_FREE_OCTETS: Final = 1_000_000
_SCRIPT: Final = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""Of the Debian package; the one on PATH insists on the system's own user and place."""
# Waits for the end of its standard input, then ends everything and tidies up.
_GUARD: Final = """
epmd -port "$2" -address 127.0.0.1 </dev/null >/dev/null 2>&1 & epmd=$!
cat >/dev/null
kill -9 "$(cat "$1/beam.pid" 2>/dev/null)" 2>/dev/null
kill -9 $epmd
rm -rf "$1"
"""


class RabbitMQNotInstalled(Exception):
    """Its text is the reason to skip a test for."""


class RabbitMQNode:
    """A node that can be killed, frozen and started again on the same port and data."""

    def __init__(self, home: Path, certificate: Path | None = None) -> None:
        """`certificate`: PEM with the key; the node then speaks TLS on `tls_port` as well."""
        self.home = home
        self.port, self.tls_port, self._dist_port, self.epmd_port = free_ports(4)
        self._numbers = itertools.count(1)
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._beam: subprocess.Popen[str] | None = None
        self._write_files(certificate)

    # Its life.

    def start(self) -> None:
        """Until it takes connections."""
        self._beam = subprocess.Popen(
            [str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=self.home,
            env=self._environment(),
            start_new_session=True,
        )
        (self.home / "beam.pid").write_text(str(self._beam.pid))
        self._answers = queue.SimpleQueue()
        assert self._beam.stdout is not None
        listening = threading.Thread(
            target=_listen, args=(self._beam.stdout, self._answers), daemon=True
        )
        listening.start()
        self._read_until("completed with", START_SECONDS)
        self._elect()

    def stop(self) -> None:
        """In order: its shell ends with its input."""
        beam = self._running()
        self._forget()
        beam.wait(ANSWER_SECONDS)

    def settle(self) -> None:
        """New queues are registered on disk now; by itself the node does so after half a second."""
        self.ask("[dets:sync(Table) || Table <- dets:all()]")

    def kill(self) -> None:
        """SIGKILL: what it had not confirmed may be gone, and so may queues just declared."""
        beam = self._running()
        beam.kill()
        beam.wait()
        self._forget()

    @contextmanager
    def freeze(self) -> Iterator[None]:
        """Stopped by SIGSTOP: connections stand and say nothing."""
        pid = self.pid
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Its disk alarm is on: it takes nothing that is published until there is space again."""
        self.ask("rabbit_disk_monitor:set_disk_free_limit(1 bsl 60)")
        try:
            yield
        finally:
            self.ask(f"rabbit_disk_monitor:set_disk_free_limit({_FREE_OCTETS})")

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def is_running(self) -> bool:
        return self._beam is not None and self._beam.poll() is None

    # What it is asked.

    @property
    def url(self) -> str:
        """Of the virtual host that every node has."""
        return self.url_of("/")

    def url_of(self, vhost: str) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/{vhost.replace('/', '%2F')}"

    def tls_url_of(self, vhost: str) -> str:
        return f"amqps://guest:guest@localhost:{self.tls_port}/{vhost.replace('/', '%2F')}"

    @contextmanager
    def vhost(self) -> Iterator[str]:
        """The URL of a fresh virtual host; dropped afterwards if the node still runs."""
        name = f"test{next(self._numbers)}"
        permissions = ", ".join(['<<".*">>'] * 3)
        self.ask(
            f'begin rabbit_vhost:add(<<"{name}">>, <<"test">>),'
            f' rabbit_auth_backend_internal:set_permissions(<<"guest">>, <<"{name}">>,'
            f' {permissions}, <<"test">>) end'
        )
        try:
            yield self.url_of(name)
        finally:
            if self.is_running:
                self.ask(f'rabbit_vhost:delete(<<"{name}">>, <<"test">>)')

    def ask(self, expression: str) -> str:
        """What an Erlang expression comes to, evaluated in the node; `rabbitmqctl eval`, faster."""
        beam = self._running()
        mark = f"ANSWER{next(self._numbers)}"
        assert beam.stdin is not None
        # In a function, so that no variable stays bound and a fault is an answer as well.
        beam.stdin.write(f'io:format("~n{mark} ~0p~n", [(fun() -> catch ({expression}) end)()]).\n')
        beam.stdin.flush()
        return self._read_until(f"{mark} ", ANSWER_SECONDS).partition(f"{mark} ")[2].strip()

    def close_connections(self) -> None:
        """Cuts every client off, once."""
        everybody = "P <- rabbit_networking:connections()"
        self.ask(f'[rabbit_networking:close_connection(P, "test") || {everybody}]')

    @contextmanager
    def leaderless(self, vhost: str, queue: str) -> Iterator[None]:
        """A quorum queue whose one member is stopped: its consumer is cut off, others are not."""
        whole = f'rabbit_misc:r(<<"{vhost}">>, queue, <<"{queue}">>)'
        member = f"amqqueue:get_pid(element(2, rabbit_amqqueue:lookup({whole})))"
        if (said := self.ask(f"ra:stop_server(quorum_queues, {member})")) != "ok":
            raise RuntimeError(f"The queue {queue} was not stopped: {said}")
        try:
            yield
        finally:
            self.ask(f"ra:restart_server(quorum_queues, {member})")

    # Inside.

    def _elect(self) -> None:
        """A quorum queue of one member, recovered by 3.10, waits for ever until told to vote."""
        self.ask(
            "[ra:trigger_election(amqqueue:get_pid(Q))"
            " || Q <- rabbit_amqqueue:list(), amqqueue:get_type(Q) =:= rabbit_quorum_queue]"
        )

    def _write_files(self, certificate: Path | None) -> None:
        lines = [
            f"listeners.tcp.1 = 127.0.0.1:{self.port}",
            "log.console = false",
            f"disk_free_limit.absolute = {_FREE_OCTETS}",
        ]
        if certificate is not None:
            lines += [
                f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}",
                f"ssl_options.certfile = {certificate}",
                f"ssl_options.keyfile = {certificate}",
                f"ssl_options.cacertfile = {certificate}",
            ]
        (self.home / "rabbitmq.conf").write_text("\n".join(lines) + "\n")
        (self.home / "enabled_plugins").write_text("[].\n")
        cookie = self.home / ".erlang.cookie"
        cookie.write_text("postroadtest")
        cookie.chmod(0o400)

    def _environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RABBITMQ_", "ERL_", "NOTIFY_SOCKET"))
        }
        return kept | {
            "HOME": str(self.home),
            "ERL_CRASH_DUMP": str(self.home / "crash.dump"),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.epmd_port),
            # Its shell reads our orders, and the process is the node itself, not a script.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_CONF_ENV_FILE": str(self.home / "none"),
            "RABBITMQ_CONFIG_FILE": str(self.home / "rabbitmq"),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.home / "enabled_plugins"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(self.home / "flags"),
            "RABBITMQ_LOG_BASE": str(self.home / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.home / "mnesia"),
            "RABBITMQ_NODENAME": f"postroad{self.port}@localhost",
            "RABBITMQ_PID_FILE": str(self.home / "node.pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2"
            ),
        }

    def _running(self) -> "subprocess.Popen[str]":
        if self._beam is None:
            raise RuntimeError("The node does not run: start it first.")
        return self._beam

    def _forget(self) -> None:
        """The listening thread closes the other end."""
        beam = self._running()
        if beam.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                beam.stdin.close()
        (self.home / "beam.pid").unlink(missing_ok=True)
        self._beam = None

    def _read_until(self, mark: str, seconds: float) -> str:
        """The first line with `mark`; what came before it is forgotten."""
        deadline = time.monotonic() + seconds
        seen: list[str] = []
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self._answers.get(timeout=left)
            except queue.Empty:
                break
            seen.append(line)
            if mark in line:
                return line
            if not line:
                break
        raise RuntimeError(f"RabbitMQ did not say {mark!r}:\n{''.join(seen[-20:])}")


@contextmanager
def rabbitmq_node(certificate: Path | None = None) -> Iterator[RabbitMQNode]:
    """A running node; it, its epmd and its directory are gone afterwards."""
    if not _SCRIPT.exists():
        raise RabbitMQNotInstalled("rabbitmq-server is not installed")
    with private_home("postroad-rabbit-") as home:
        node = RabbitMQNode(home, certificate)
        with _guarded(node):
            node.start()
            yield node
            if node.is_running:
                node.stop()


@contextmanager
def _guarded(node: RabbitMQNode) -> Iterator[None]:
    guard = subprocess.Popen(
        [shutil.which("sh") or "/bin/sh", "-c", _GUARD, "guard", node.home, str(node.epmd_port)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    assert guard.stdin is not None
    try:
        yield
    finally:
        guard.stdin.close()
        guard.wait(60)


def free_ports(count: int) -> list[int]:
    """So many different free ports of the loopback, free at this moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def _listen(output: IO[str], lines: "queue.SimpleQueue[str]") -> None:
    with output:
        for line in output:
            lines.put(line)
    lines.put("")
