"""A supervisor in a process of its own, with children that say what happens to them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from postroad.store.embedded.locks import wait_until

PROGRAM = """
import json, sys
from pathlib import Path
from postroad.cli.supervise import ChildSpec, Supervisor
from postroad.cli.supervise_state import only_one
home, specs, grace = Path(sys.argv[1]), json.loads(sys.argv[2]), float(sys.argv[3])
told = (lambda event: print(event, flush=True)) if sys.argv[4:] else None
with only_one(home, patience_seconds=20) as other:
    if other is not None:
        print("attached", other.pid, other.url, flush=True)
        sys.exit(0)
    children = [ChildSpec(name, [sys.executable, "-c", code]) for name, code in specs.items()]
    supervisor = Supervisor(
        children, home, url="http://127.0.0.1:8025/", grace_seconds=grace,
        report=told,
    )
    supervisor.run()
"""

IDLE = "import signal; signal.pause()"
DEAF = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('deaf', flush=True)\n"
    "while True: signal.pause()"
)
DRAINS = (
    "import signal, sys\n"
    "def drain(*_): print('drained', flush=True); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, drain)\n"
    "print('ready', flush=True)\n"
    "while True: signal.pause()"
)
PARENT = (
    "import subprocess, sys\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
    "print(child.pid, flush=True)\n"
    "child.wait()"
)
FAILS = "raise SystemExit(3)"


class Rig:
    def __init__(self, home: Path, process: "subprocess.Popen[str]") -> None:
        self.home = home
        self.process = process
        assert process.stdout is not None
        self.out = process.stdout

    def line(self, word: str) -> str:
        """The next line of the supervisor that has the word in it; waits 20 s at most."""
        too_late = threading.Timer(20, self.process.kill)
        too_late.start()
        try:
            for line in self.out:
                if word in line:
                    return line
        finally:
            too_late.cancel()
            too_late.join()
        raise AssertionError(f"the supervisor ended without saying {word!r}")

    def pid(self, name: str) -> int:
        wait_until(lambda: name in self.children(), 10)
        return self.children()[name]

    def children(self) -> dict[str, int]:
        try:
            state = json.loads((self.home / "run" / "up.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return {name: child["pid"] for name, child in state["children"].items()}

    def says(self, name: str, word: str) -> bool:
        log = self.home / "log" / f"{name}.log"
        return eventually(lambda: log.exists() and word in log.read_text(encoding="utf-8"))

    def end(self) -> int:
        self.process.terminate()
        self.out.read()
        return self.process.wait(60)


@contextmanager
def rig(
    home: Path, grace_seconds: float = 10, *, reports: bool = True, **children: str
) -> Iterator[Rig]:
    """`reports`: what it reports is said to us; else it goes to its own log."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    command += [str(home), json.dumps(children), str(grace_seconds), *(["told"] * reports)]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        start_new_session=True,
    )
    try:
        yield Rig(home, process)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate(timeout=20)


def eventually(holds: Callable[[], bool]) -> bool:
    return wait_until(holds, 15)


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
    except psutil.NoSuchProcess:
        return True
