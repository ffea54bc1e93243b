"""A fake relay that plays scripted faults and keeps its own record.

In a test's own loop:

    async with Relay(Script(rules=(Rule(Phase.RCPT, reply="550 5.1.1 No"),))) as relay:
        session = await open_session(relay.target(), timeouts)

As a process of its own, which can be killed and survives the sender:

    python -m postroad.testing.relay --file accepted.jsonl --port 0 --script script.json
"""

import argparse
import asyncio
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any, Self

import uvloop

from postroad.core.ids import RelayId
from postroad.core.mail import RelayTarget
from postroad.core.outcome import Phase
from postroad.testing.relay_chunks import ChunkingRelayProtocol
from postroad.testing.relay_log import Event, RelayLog, Tally, count_accepted, read_events
from postroad.testing.relay_protocol import Ground
from postroad.testing.relay_script import Act, Faults, Rule, Script, read_script, write_script

__all__ = [
    "Act",
    "Event",
    "Phase",
    "Relay",
    "RelayProcess",
    "Rule",
    "Script",
    "Tally",
    "count_accepted",
    "read_events",
    "relay_process",
    "start_relay",
]

WATCH_SECONDS = 0.001
PATIENCE_SECONDS = 60.0


class Relay:
    """Listens on a free port of the loopback until left. Leaving drops all connections."""

    def __init__(
        self,
        script: Script | None = None,
        *,
        file: Path | None = None,
        keep: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        keeps_events: bool = True,
        watches: bool = False,
    ) -> None:
        self._script = script or Script()
        self._log = RelayLog(file, keeps_events=keeps_events)
        self._ground = Ground(
            self._script,
            Faults(self._script),
            self._log,
            keep,
            _server_context(self._script),
            count(1),
            count(1),
            set(),
        )
        self.host = host
        self.port = port
        self._server: asyncio.Server | None = None
        self._watches = watches
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        implicit = self._ground.tls if self._script.is_tls_implicit else None
        self._server = await asyncio.get_running_loop().create_server(
            lambda: ChunkingRelayProtocol(self._ground), self.host, self.port, ssl=implicit
        )
        self.port = self._server.sockets[0].getsockname()[1]
        if self._watches:
            self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop_all()
        if self._watching is not None:
            self._watching.cancel()
        if self._server is not None:
            self._server.close()
        self._log.close()

    async def _watch(self) -> None:
        """Writes down when the loop did not get to run: what it stamps then came sooner."""
        before = time.time()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            now = time.time()
            if now - before > 3 * WATCH_SECONDS:
                self._log.write(Event("stood", now, 0, 0, seconds=now - before))
            before = now

    @property
    def events(self) -> list[Event]:
        return self._log.events

    @property
    def tally(self) -> Tally:
        return Tally.of(self._log.events)

    @property
    def open_connections(self) -> int:
        return len(self._ground.open)

    async def until(self, event: str, count: int = 1) -> None:
        """Until the relay has seen so many of this event; at most a minute, for busy machines."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._log.until(event, count)

    def drop_all(self) -> None:
        """Cut every connection, as when the relay is killed."""
        for connection in list(self._ground.open):
            connection.drop()

    def target(self, **changes: Any) -> RelayTarget:
        return _target(self.port, changes)


@dataclass(frozen=True, slots=True)
class RelayProcess:
    """A running relay; `file` is its record."""

    process: subprocess.Popen[str]
    port: int
    file: Path

    @property
    def tally(self) -> Tally:
        return Tally.of(read_events(self.file))

    def kill(self) -> None:
        """SIGKILL: no reply that was not written before goes out."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def target(self, **changes: Any) -> RelayTarget:
        return _target(self.port, changes)


@contextmanager
def relay_process(
    folder: Path,
    script: Script | None = None,
    keep: Path | None = None,
    *,
    host: str = "127.0.0.1",
    inside: Sequence[str] = (),
    watches: bool = False,
) -> Iterator[RelayProcess]:
    """A relay as a process of its own, its record in `folder`; ended when left.

    `keep`: a folder for the raw content of each mail. `inside`: what starts a
    command in another network, where `host` is an address. `watches`: it writes
    down when it stood still.
    """
    relay = start_relay(folder, script, keep=keep, inside=inside, host=host, watches=watches)
    try:
        yield relay
    finally:
        relay.kill()


def start_relay(
    folder: Path,
    script: Script | None = None,
    *,
    name: str = "accepted.jsonl",
    port: int = 0,
    keep: Path | None = None,
    inside: Sequence[str] = (),
    host: str = "127.0.0.1",
    watches: bool = False,
) -> RelayProcess:
    """The same for whoever ends it. `name` is that of its record."""
    file, script_file = folder / name, folder / "script.json"
    write_script(script or Script(), script_file)
    command = [*inside, sys.executable, "-m", "postroad.testing.relay", "--host", host]
    kept = ["--keep", str(keep)] if keep else []
    watching = ["--watch"] if watches else []
    process = subprocess.Popen(
        [*command, "--port", str(port), "--file", str(file), "--script", str(script_file),
         *kept, *watching],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("port "):
        process.kill()
    assert line.startswith("port "), "The fake relay did not start: see its error above."
    return RelayProcess(process, int(line.split()[1]), file)


def _target(port: int, changes: dict[str, Any]) -> RelayTarget:
    return replace(RelayTarget(RelayId(1), "127.0.0.1", port, "none"), **changes)


def _server_context(script: Script) -> ssl.SSLContext | None:
    if not script.certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(script.certificate)
    return context


async def _serve(arguments: argparse.Namespace) -> None:
    script = read_script(arguments.script) if arguments.script else Script()
    async with Relay(
        script,
        file=arguments.file,
        keep=arguments.keep,
        host=arguments.host,
        port=arguments.port,
        keeps_events=False,
        watches=arguments.watch,
    ) as relay:
        sys.stdout.write(f"port {relay.port}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().create_future()


def main() -> None:
    parser = argparse.ArgumentParser(description="A fake relay with scripted faults.")
    parser.add_argument("--file", type=Path, help="where to append a JSON line for each event")
    parser.add_argument("--keep", type=Path, help="a folder for the raw content of each mail")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--script", type=Path, help="what to announce, and faults, as JSON")
    parser.add_argument("--watch", action="store_true", help="write down when it stood still")
    uvloop.run(_serve(parser.parse_args()))


if __name__ == "__main__":
    main()
