"""`postroad up`: everything on one machine, kept alive until told to stop."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from postroad.cli import supervise_port, supervise_state
from postroad.cli.inbox import running_inbox
from postroad.cli.starting import Refusal, child_environment, open_app, start_database
from postroad.cli.supervise import ChildSpec, Supervisor
from postroad.engine.smtp.inbox_faults import FaultPlan
from postroad.settings import Settings
from postroad.store.embedded import EmbeddedServer


@dataclass(frozen=True, slots=True)
class Up:
    """A product that runs. `link` signs a browser in once; `is_new`: started by us."""

    url: str
    link: str
    dsn: str
    is_new: bool


def up(
    settings: Settings, started: Callable[[Up], None], faults: FaultPlan | None = None
) -> None:
    """Start, or attach to what runs; call `started` and stay until told to stop.

    Attached, it returns after `started`.
    """
    with standing(settings, faults) as (state, supervisor):
        started(state)
        if supervisor is not None:
            supervisor.run()


@contextmanager
def standing(
    settings: Settings, faults: FaultPlan | None = None
) -> Iterator[tuple[Up, Supervisor | None]]:
    """The product, and its supervisor when it is ours to run."""
    try:
        with supervise_state.only_one(settings.home) as other:
            if other is not None:
                dsn = start_database(settings)
                yield Up(other.url, make_link(settings, dsn, other.url), dsn, is_new=False), None
                return
            problem = supervise_port.port_problem(settings.host, settings.port)
            if problem:
                raise Refusal(problem)
            dsn = start_database(settings)
            with running_inbox(settings.inbox_file, settings.inbox_port, faults) as port:
                app = open_app(settings, dsn)
                app.relays.put_sandbox(port)
                app.close()
                url = console_url(settings)
                supervisor = Supervisor(_children(settings, dsn), settings.home, url=url)
                yield Up(url, make_link(settings, dsn, url), dsn, is_new=True), supervisor
    except TimeoutError as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(
            f"{settings.home} cannot be used: {error}. "
            "Free some space or correct its permissions, or set POSTROAD_HOME to another place."
        ) from None


def console_url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def make_link(settings: Settings, dsn: str, url: str) -> str:
    """A fresh one-time link that signs the browser in."""
    app = open_app(settings, dsn)
    secret = app.account.make_link(app.clock.now())
    app.close()
    return f"{url}/account/link/{secret}/"


def _children(settings: Settings, dsn: str) -> list[ChildSpec]:
    environment = child_environment(settings, dsn)
    program = [sys.executable, "-m", "postroad"]
    web = ChildSpec("web", [*program, "serve"], environment)
    workers = [
        ChildSpec(f"worker-{number}", [*program, "work"], environment)
        for number in range(1, settings.workers + 1)
    ]
    return [web, *workers]


def down(settings: Settings, *, with_database: bool) -> bool:
    """Drain and stop; the database too when asked. False: nothing was running."""
    try:
        was_up = supervise_state.bring_down(settings.home)
    except TimeoutError as error:
        raise Refusal(str(error)) from None
    if with_database and not settings.database_url:
        was_up = EmbeddedServer(settings.home).stop() or was_up
    return was_up
