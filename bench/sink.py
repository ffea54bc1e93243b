"""A fast SMTP sink to send to: our own in C where there is a compiler, else smtp-sink."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postroad.testing.rabbitmq import free_ports

SOURCE = Path(__file__).with_name("fsink.c")
PATIENCE_SECONDS = 10.0


def postfix_program(name: str) -> str:
    """The path of one of Postfix's test programs; ends the benchmark, saying what to install."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        raise SystemExit(f"{name} is not there: install Debian's package postfix.")
    return found


@dataclass(frozen=True, slots=True)
class Sink:
    """Takes everything. `is_ours`: counts, delays and knows CHUNKING."""

    port: int
    process: "subprocess.Popen[str]"
    is_ours: bool

    def messages(self) -> int:
        """How many it has taken."""
        assert self.is_ours
        assert self.process.stderr is not None
        self.process.send_signal(signal.SIGUSR1)
        return int(self.process.stderr.readline().split()[1])


@contextmanager
def running_sink(
    delay_ms: float = 0, *, ours: bool = False, chunking: bool = True
) -> Iterator[Sink]:
    """`delay_ms` passes before each reply, as if the sink were so far away, there and back."""
    port = free_ports(1)[0]
    with tempfile.TemporaryDirectory() as folder:
        command = _compiled(Path(folder), port, delay_ms, chunking=chunking)
        if command is None and (ours or delay_ms):
            raise SystemExit("There is no C compiler: install Debian's package gcc.")
        process = subprocess.Popen(
            command or [postfix_program("smtp-sink"), f"127.0.0.1:{port}", "1000"],
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _wait_for(port)
            yield Sink(port, process, command is not None)
        finally:
            process.kill()
            process.wait()


def _compiled(folder: Path, port: int, delay_ms: float, *, chunking: bool) -> list[str] | None:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    program = folder / "fsink"
    without = [] if chunking else ["-DNO_CHUNKING"]
    subprocess.run([compiler, "-O2", "-w", *without, "-o", str(program), str(SOURCE)], check=True)
    return [str(program), str(port), str(delay_ms)]


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The sink did not start.")
