"""Questions to the person at the terminal, given up as soon as the program is told to stop."""

import select
import sys
import threading

from rich.console import Console

_LOOK_SECONDS = 0.2


def can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def ask(console: Console, question: str, stopping: threading.Event) -> str:
    """One line of answer; '' when told to stop or the input has ended."""
    console.print(f"[bold]{question}[/] ", end="")
    while not stopping.is_set():
        if select.select([sys.stdin], [], [], _LOOK_SECONDS)[0]:
            return sys.stdin.readline().strip()
    return ""


def says_yes(answer: str) -> bool:
    return answer.lower() in ("y", "yes")
