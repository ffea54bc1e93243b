"""The command line as people meet it: real processes in a home of their own."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import psutil

from postroad.cli.main import main
from postroad.cli.supervise_state import UpState, running_state
from postroad.store.embedded.locks import wait_until

PATIENCE_SECONDS = 150


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(slots=True)
class Cli:
    """`postroad` in `home`; `dsn` '' is the embedded database."""

    home: Path
    dsn: str = ""
    port: int = field(default_factory=free_port)
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if "POSTROAD" not in name}
        return kept | {
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            "POSTROAD_HOME": str(self.home),
            "POSTROAD_PORT": str(self.port),
            "DATABASE_URL": self.dsn,
            "COLUMNS": "200",
            **self.more,
        }

    def run(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Nobody can be asked: standard input is empty."""
        return subprocess.run(
            [sys.executable, "-m", "postroad", *arguments],
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    def run_inside(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """The same in this process, for commands of which many are given."""
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(sys, "argv", ["postroad", *arguments]),
            mock.patch.object(sys, "stdin", io.StringIO()),
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            code = _exit_code()
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    @contextmanager
    def started(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A command that stays; ended when left, whatever became of it."""
        process = subprocess.Popen(
            [sys.executable, "-m", "postroad", *arguments],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate(timeout=30)

    def state(self) -> UpState:
        assert wait_until(lambda: running_state(self.home) is not None, 60)
        state = running_state(self.home)
        assert state is not None
        return state

    def logs(self) -> str:
        return "".join(
            log.read_text(encoding="utf-8", errors="replace")
            for log in sorted((self.home / "log").glob("*"))
        )

    def processes(self) -> list[psutil.Process]:
        """All that have this home in their environment, this test apart."""
        return [one for one in psutil.process_iter() if self._is_of_home(one)]

    def _is_of_home(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("POSTROAD_HOME") == str(self.home)
        except psutil.Error:
            return False


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)


def line_with(process: "subprocess.Popen[str]", pattern: str) -> "re.Match[str]":
    """The first match in what the process says from now on."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"it ended without saying {pattern!r}: {''.join(said)}")


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def eventually(holds: Callable[[], bool]) -> bool:
    return wait_until(holds, 60)
