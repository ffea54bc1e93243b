"""A fast SMTP sink to send to: our own in C where there is a compiler, else smtp-sink."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("fsink.c")
PATIENCE_SECONDS = 10.0


def postfix_program(name: str) -> str:
    """The path of one of Postfix's test programs; ends the benchmark, saying what to install."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")
    if found is None:
        raise SystemExit(f"{name} is not there: install Debian's package postfix.")
    return found


@contextmanager
def running_sink() -> Iterator[int]:
    """The port of a sink that takes everything."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(_command(Path(folder), port))
        try:
            _wait_for(port)
            yield port
        finally:
            process.kill()
            process.wait()


def _command(folder: Path, port: int) -> list[str]:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return [postfix_program("smtp-sink"), f"127.0.0.1:{port}", "1000"]
    program = folder / "fsink"
    subprocess.run([compiler, "-O2", "-w", "-o", str(program), str(SOURCE)], check=True)
    return [str(program), str(port), "0"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("The sink did not start.")
