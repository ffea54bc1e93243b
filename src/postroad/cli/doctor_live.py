"""The doctor's checks of what runs: schema, clock, workers, inbox, relays."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from postroad.cli.doctor import Check
from postroad.cli.relay_check import relay_fault
from postroad.cli.starting import is_migrated, look_in
from postroad.cli.supervise_state import running_state
from postroad.core.ids import RelayId
from postroad.settings import Settings
from postroad.store.secrets import BadKey

if TYPE_CHECKING:
    from postroad.app import App

CLOCK_SECONDS = 2.0
"""More apart than this is told."""


def checks(settings: Settings, dsn: str) -> Iterator[Check]:
    try:
        app = look_in(settings, dsn)
    except BadKey as fault:
        yield Check("key", "bad", str(fault))
        return
    try:
        yield from _checks(app, settings)
    finally:
        app.close()


def _checks(app: "App", settings: Settings) -> Iterator[Check]:
    if not is_migrated():
        text = "the schema is older than this version: start `postroad up`, which brings it up."
        yield Check("schema", "bad", text)
        return
    yield Check("schema", "ok", "as this version wants it")
    yield _clock_check(app)
    is_up = running_state(settings.home) is not None
    yield _worker_check(app, is_up=is_up)
    yield from _alarm_checks(app)
    yield _inbox_check(app)
    for relay in app.relays.all():
        if relay.is_sandbox and not is_up:
            yield Check("relay", "ok", "the sandbox inbox listens while `postroad up` runs")
        else:
            yield _relay_check(app, RelayId(relay.id), relay.name)


def _clock_check(app: "App") -> Check:
    """The database's clock rules; one that is apart makes times look odd."""
    before = datetime.now(UTC)
    facts = app.reads.server()
    apart = abs((facts.now - before).total_seconds())
    if apart > CLOCK_SECONDS:
        text = f"{apart:.0f} s apart from the database's, which rules: set both by NTP."
        return Check("clock", "warn", text)
    return Check("clock", "ok", "agrees with the database's")


def _worker_check(app: "App", *, is_up: bool) -> Check:
    alive = [worker for worker in app.workers.all() if worker.is_alive]
    if alive:
        pids = ", ".join(f"{worker.host} pid {worker.pid}" for worker in alive)
        return Check("workers", "ok", f"{len(alive)} alive: {pids}")
    if is_up:
        text = "none is alive: look at log/worker-1.log in the home."
        return Check("workers", "bad", text)
    return Check("workers", "warn", "none is alive, nothing goes out: start `postroad up`.")


def _alarm_checks(app: "App") -> Iterator[Check]:
    """Each alarm that stands; the last ones where there are many."""
    alarms = app.reads.home(app.clock.now()).alarms
    if not alarms:
        yield Check("truth", "ok", "recipients, states, counters, journal and queues agree")
    for alarm in alarms:
        yield Check("truth", "bad", f"{alarm.text} Look at the journal (kind alarm).")


def _inbox_check(app: "App") -> Check:
    try:
        return Check("inbox", "ok", f"{app.inbox.count():,} mails in the sandbox inbox")
    except sqlite3.Error as error:
        text = f"{app.settings.inbox_file} cannot be read ({error}): move it away."
        return Check("inbox", "bad", text)


def _relay_check(app: "App", relay_id: RelayId, name: str) -> Check:
    """Greeting, TLS and sign-in; no mail."""
    try:
        target = app.relays.target(relay_id)
    except BadKey as bad_key:
        return Check("relay", "bad", f"{name}: {bad_key}")
    fault = relay_fault(target) if target else "it is not there any more."
    if fault:
        return Check("relay", "bad", f"{name}: {fault}")
    stopped = app.relays.fault_for_person(relay_id)
    if stopped:
        text = f"{name} lets us in, and is stopped since it said: {stopped} Save it again."
        return Check("relay", "warn", text)
    return Check("relay", "ok", f"{name} lets us in")
