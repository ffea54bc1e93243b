"""`postroad demo`: where it keeps its data, where it listens, and the story played there."""

import os

from rich.console import Console

from postroad.cli.demo.people import demo_faults
from postroad.cli.demo.story import Demo
from postroad.cli.supervise_port import free_port, port_problem
from postroad.cli.supervise_state import running_state
from postroad.cli.up import during
from postroad.settings import Settings


def demo(settings: Settings, console: Console, *, is_once: bool, port: int | None) -> int:
    """Play the demo; its exit code."""
    chosen = demo_settings(settings, port)
    story = Demo(chosen, console, is_once)
    return during(chosen, story.tell, faults=demo_faults(), stays=not is_once)


def demo_settings(settings: Settings, port: int | None) -> Settings:
    """A home below the ordinary one, so that invented people never mix with real ones.

    A port that was asked for is taken or refused; otherwise any free one does.
    """
    home = settings.home if "POSTROAD_HOME" in os.environ else settings.home / "demo"
    if port is None and "POSTROAD_PORT" not in os.environ and running_state(home) is None:
        is_free = not port_problem(settings.host, settings.port)
        port = settings.port if is_free else free_port(settings.host)
    return Settings(
        home=home,
        port=settings.port if port is None else port,
        # Whoever kills a worker of the demo sees within seconds that its batches go on.
        heartbeat_seconds=1,
        lease_seconds=8,
        send_guard_seconds=4,
        sweep_seconds=1,
    )
