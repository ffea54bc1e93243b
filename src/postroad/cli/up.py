"""`postroad up`: everything on one machine, kept alive until told to stop."""

import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from postroad.cli import supervise_port, supervise_state
from postroad.cli.inbox import running_inbox
from postroad.cli.keeper import kept_running
from postroad.cli.starting import (
    Refusal,
    child_environment,
    open_app,
    prepare_home,
    using_database,
)
from postroad.cli.supervise import ChildSpec, Supervisor
from postroad.cli.work import STAGES
from postroad.cli.work_pool import GRACE_BEYOND_SECONDS, kept_between, worker_pool
from postroad.engine.smtp.inbox_faults import FaultPlan
from postroad.settings import Settings
from postroad.store.embedded import EmbeddedServer
from postroad.store.fleet import resting_slots

if TYPE_CHECKING:
    from postroad.app import App

INTERRUPTED = 130
"""Exit code: stopped by Ctrl-C before it was done."""
_LAST_WORDS_SECONDS = 10
_CONSOLE_SECONDS = 60
_LOOK_SECONDS = 0.1
_DOWN_BEYOND_SECONDS = 35


@dataclass(frozen=True, slots=True)
class Up:
    """A product that runs. `link` signs a browser in once; `is_new`: started by us.

    `url` and `link` are '' where only workers were wanted.
    """

    url: str
    link: str
    dsn: str
    is_new: bool

    def resting(self) -> tuple[str, ...]:
        """Slots of this host that rest; none are told while the database is away."""
        try:
            return resting_slots(self.dsn)
        except psycopg.Error:
            return ()


Story = Callable[[Up, threading.Event], int]
"""What is done while the product runs; it ends early, soon, once the event is set."""


def up(settings: Settings, started: Callable[[Up], None]) -> int:
    """Start, or attach to what runs; call `started` and stay until told to stop.

    Attached, it returns after `started`. Port 0 is a free one.
    """
    port = settings.port or supervise_port.free_port(settings.host)
    settings = settings.model_copy(update={"port": port})

    def greet(state: Up, stopping: threading.Event) -> int:
        if state.is_new:
            _wait_for_console(settings, stopping)
        if not stopping.is_set():
            started(state)
        return 0

    return during(settings, greet, stays=True)


def _wait_for_console(settings: Settings, stopping: threading.Event) -> None:
    """A link that is printed works."""
    for _ in range(int(_CONSOLE_SECONDS / _LOOK_SECONDS)):
        try:
            socket.create_connection((settings.host, settings.port), timeout=1).close()
        except OSError:
            if stopping.wait(_LOOK_SECONDS):
                return
        else:
            return
    raise Refusal(
        f"The console did not start within {_CONSOLE_SECONDS:.0f} s. "
        f"The reason is in {settings.home / 'log' / 'web.log'}; mend it and start again."
    )


def during(
    settings: Settings,
    story: Story,
    *,
    with_web: bool = True,
    faults: FaultPlan | None = None,
    stays: bool = False,
) -> int:
    """Play a story on the product that runs, or on one started for it; its exit code.

    One that was started is stopped afterwards, unless it `stays`: then until
    Ctrl-C. The supervisor needs the main thread, so the story gets one of its own.
    """
    with standing(settings, faults, with_web=with_web) as (state, supervisor):
        if supervisor is None:
            return _told_alone(story, state)
        # A terminal that is closed ends it in good order too.
        signal.signal(signal.SIGHUP, lambda *_: supervisor.request_stop())
        teller = _Teller(story, state, supervisor, stays=stays)
        teller.start()
        supervisor.run()
        return teller.result()


def _told_alone(story: Story, state: Up) -> int:
    """On a product that others run: Ctrl-C ends the story, and nothing else."""
    stopping = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stopping.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        return story(state, stopping)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Teller(threading.Thread):
    """Plays the story beside the supervisor and stops that at the end."""

    def __init__(self, story: Story, state: Up, supervisor: Supervisor, *, stays: bool) -> None:
        super().__init__(name="story", daemon=True)
        self._story = story
        self._state = state
        self._supervisor = supervisor
        self._stays = stays
        self._stopping = threading.Event()
        self._code = INTERRUPTED
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._code = self._story(self._state, self._stopping)
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread.
            self._error = error
        if self._error is not None or not self._stays:
            self._supervisor.request_stop()

    def result(self) -> int:
        """After the supervisor has ended, whatever ended it."""
        self._stopping.set()
        self.join(_LAST_WORDS_SECONDS)
        if self._error is not None:
            raise self._error
        return self._code


@contextmanager
def standing(
    settings: Settings, faults: FaultPlan | None = None, *, with_web: bool = True
) -> Iterator[tuple[Up, Supervisor | None]]:
    """The product, and its supervisor when it is ours to run."""
    prepare_home(settings)
    try:
        with supervise_state.only_one(settings.home) as other, ExitStack() as stack:
            if other is not None:
                dsn = stack.enter_context(using_database(settings))
                yield _attached(settings, other, dsn, with_web=with_web), None
                return
            problem = supervise_port.port_problem(settings.host, settings.port)
            if problem and with_web:
                raise Refusal(problem)
            dsn = stack.enter_context(using_database(settings))
            inbox = running_inbox(settings.inbox_file, settings.inbox_port, faults)
            port = stack.enter_context(inbox)
            url = console_url(settings) if with_web else ""
            link = _open_shop(settings, dsn, port, url)
            if with_web:
                _refuse_strangers(settings, dsn)
            pool = worker_pool(settings, dsn, least=settings.workers, most=settings.most_workers)
            children = [*_web(settings, dsn, with_web=with_web), *pool.first()]
            grace = settings.grace_seconds + GRACE_BEYOND_SECONDS
            supervisor = Supervisor(children, settings.home, url=url, grace_seconds=grace)
            stack.enter_context(kept_between(pool, supervisor, dsn, STAGES))
            if not settings.database_url:
                stack.enter_context(kept_running(settings.home))
            yield Up(url, link, dsn, is_new=True), supervisor
    except TimeoutError as error:
        raise Refusal(str(error)) from None


def _attached(
    settings: Settings, other: supervise_state.UpState, dsn: str, *, with_web: bool
) -> Up:
    if not other.url:
        raise Refusal(
            f"`postroad send` (pid {other.pid}) uses {settings.home} just now. "
            "Wait until it has ended and start again."
        )
    link = make_link(settings, dsn, other.url) if with_web else ""
    return Up(other.url, link, dsn, is_new=False)


def _refuse_strangers(settings: Settings, dsn: str) -> None:
    """What `serve` would refuse is refused before anything is started."""
    from postroad.web.serve import ServeRefused, refuse_strangers_without_password

    try:
        refuse_strangers_without_password(settings, dsn)
    except ServeRefused as refused:
        raise Refusal(str(refused)) from None


def _open_shop(settings: Settings, dsn: str, inbox_port: int, url: str) -> str:
    """The schema up to date, the sandbox relay where the inbox listens; a link for the browser."""
    app = open_app(settings, dsn)
    try:
        app.relays.put_sandbox(inbox_port)
        return _link(app, url) if url else ""
    finally:
        app.close()


def console_url(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def make_link(settings: Settings, dsn: str, url: str) -> str:
    """A fresh one-time link that signs the browser in."""
    app = open_app(settings, dsn)
    try:
        return _link(app, url)
    finally:
        app.close()


def _link(app: "App", url: str) -> str:
    return f"{url}/account/link/{app.account.make_link(app.clock.now())}/"


def _web(settings: Settings, dsn: str, *, with_web: bool) -> list[ChildSpec]:
    environment = child_environment(settings, dsn)
    command = [sys.executable, "-m", "postroad", "serve"]
    return [ChildSpec("web", command, environment)] if with_web else []


def down(settings: Settings, *, with_database: bool) -> bool:
    """Drain and stop; the database too when asked. False: nothing was running."""
    try:
        patience = settings.grace_seconds + _DOWN_BEYOND_SECONDS
        was_up = supervise_state.bring_down(settings.home, patience)
    except TimeoutError as error:
        raise Refusal(str(error)) from None
    if with_database and not settings.database_url:
        was_up = EmbeddedServer(settings.home).stop() or was_up
    return was_up
