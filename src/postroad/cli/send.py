"""`postroad send`: a letter to some people, verified, asked about, launched and followed."""

import io
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from postroad.cli import wording
from postroad.cli.asking import ask, says_yes
from postroad.cli.following import (
    Watched,
    as_plain,
    look,
    outcomes,
    sum_line,
    until_ended,
    until_prepared,
)
from postroad.cli.relay_check import relay_fault
from postroad.cli.send_order import Order
from postroad.cli.send_report import read_report, show_report
from postroad.cli.starting import ATTENTION, Refusal, open_app, telling_when_away
from postroad.cli.up import INTERRUPTED, Up
from postroad.core.audience import Tagged
from postroad.core.campaign import CampaignFields
from postroad.core.ids import CampaignId, RelayId, RunId
from postroad.core.launching import must_type, typed_number
from postroad.core.lifecycle import RunState
from postroad.core.relay import RelayFields
from postroad.core.revision import NewRevision
from postroad.core.running import BadTime, Blocked, CountDiffers, Launched, NotReady, VerifyStarted
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.settings import Settings

if TYPE_CHECKING:
    from postroad.app import App

ACTOR = "manager"
DECLINED = 1
"""Exit code: not launched."""
NOT_LAUNCHED = "abandoned: it was not launched."
Id = TypeVar("Id")


@dataclass(slots=True)
class Sending:
    """`console` is for people; `result` is filled for --json."""

    settings: Settings
    order: Order
    console: Console
    result: dict[str, object] = field(default_factory=dict)

    def tell(self, up: Up, stopping: threading.Event) -> int:
        with telling_when_away():
            app = open_app(self.settings, up.dsn)
            try:
                return self._send(app, up, stopping)
            finally:
                app.close()

    def _send(self, app: "App", up: Up, stopping: threading.Event) -> int:
        name = f"{self.order.source_name}, {app.clock.now():%d %b %H:%M:%S.%f}"[:-3]
        relay_id = self._check_relay(app)
        bad_people = self._put_people(app, name)
        run_id = self._verify(app, self._make_campaign(app, name, relay_id))
        ready = until_prepared(app, run_id, self.console, stopping)
        self._keep(ready)
        if stopping.is_set():
            return self._decline(app, run_id, INTERRUPTED)
        if ready.head.state is not RunState.READY:
            raise Refusal(f"The run is {ready.head.state}: {ready.head.reason}")
        report = read_report(app, ready)
        show_report(self.console, ready, report, self.order.files)
        self.result |= {"failures": report.failures, "left_out": dict(report.left_out)}
        typed = self._agree(ready, stopping)
        if typed is None:
            return self._decline(app, run_id, INTERRUPTED if stopping.is_set() else DECLINED)
        launched = self._launch(app, run_id, typed)
        if up.url and not launched.is_released:
            return self._leave_to_up(app, run_id, launched)
        seen = until_ended(app, run_id, self.console, stopping)
        has_missed = bad_people > 0 or report.has_nobody_to_write_to
        return self._close(seen, has_missed=has_missed, is_interrupted=stopping.is_set())

    def _put_people(self, app: "App", tag: str) -> int:
        """Into the book, with a tag of their own; how many could not be read."""
        people = self.order.people
        if isinstance(people, str):
            added = app.contacts.add(people, [tag], ACTOR)
            if isinstance(added, Refused):
                raise _refusal(added)
            bad = [f"line {one.line}, {one.text!r}: {one.reason}" for one in added.bad]
            return self._list_bad(bad, len(bad), added.counts.people)
        with people.open("rb") as file:
            done = app.contacts.import_file(file, io.StringIO(), [tag], ACTOR)
        if isinstance(done, Refused):
            raise _refusal(done)
        bad = [f"line {row.line}: {row.reason}" for row in done.shown]
        return self._list_bad(bad, done.bad_rows, done.counts.people)

    def _list_bad(self, lines: list[str], count: int, people: int) -> int:
        self.result["bad_rows"] = {"count": count, "rows": lines}
        for line in lines:
            self.console.print(f"[yellow]Not read:[/] {line}", highlight=False, markup=True)
        if count > len(lines):
            self.console.print(f"… and {count - len(lines):,} more")
        if not people:
            raise Refusal("Nobody is left to write to: correct the addresses and send again.")
        return count

    def _make_campaign(self, app: "App", name: str, relay_id: RelayId | None) -> CampaignId:
        order = self.order
        revision = NewRevision(
            order.subject, order.source.format, order.source.text, "", order.policies, order.files
        )
        preferences = app.runs.preferences()
        fields = CampaignFields(
            name=name,
            is_personal=not order.is_bulk,
            audience_id=_saved(app.audiences.create(name, Tagged((name,)), ACTOR)),
            content_id=_saved(app.contents.create(name, revision, ACTOR)),
            relay_id=relay_id,
            sender_name=order.sender_name or preferences.sender_name,
            sender_address=order.sender_address or preferences.sender_address,
            reply_to=order.reply_to,
            postal_address=order.postal_address,
        )
        return _saved(app.campaigns.create(fields, ACTOR))

    def _check_relay(self, app: "App") -> RelayId | None:
        """The relay that was asked for. Refused, whichever it is, when it lets nobody in."""
        wanted = self.order.relay
        default = app.relays.default()
        chosen = put_relay(app, wanted) if wanted else RelayId(default.id) if default else None
        target = app.relays.target(chosen) if chosen else None
        fault = relay_fault(target) if target else ""
        if fault:
            raise Refusal(f"{fault} Nothing was sent.")
        return chosen if wanted else None

    def _verify(self, app: "App", campaign_id: CampaignId) -> RunId:
        match app.runs.verify(campaign_id, ACTOR):
            case VerifyStarted(run_id):
                return run_id
            case Blocked() as blocked:
                raise Refusal("\n".join(check.text for check in blocked.red))
            case other:
                raise Refusal(other.text)

    def _agree(self, ready: Watched, stopping: threading.Event) -> int | None:
        """The number of mails that was agreed to; None: not to be sent."""
        mails = ready.progress.prepared
        if not mails:
            self.console.print("No mail could be prepared: mend the causes and send again.")
            return None
        if self.order.is_agreed:
            return mails
        if must_type(mails):
            answer = ask(self.console, f"Type {mails:,} to send them:", stopping)
            return mails if typed_number(answer) == mails else None
        answer = ask(self.console, f"Send {wording.mails(mails)}? \\[y/N]", stopping)
        return mails if says_yes(answer) else None

    def _launch(self, app: "App", run_id: RunId, typed: int) -> Launched:
        outcome = app.runs.launch(run_id, self.order.when, typed, ACTOR, undo_seconds=0)
        match outcome:
            case Launched():
                if outcome.note:
                    self.console.print(outcome.note)
                return outcome
            case BadTime(faults):
                app.runs.stop(run_id, ACTOR, NOT_LAUNCHED)
                raise Refusal("; ".join(faults.values()))
            case NotReady() | CountDiffers() | Gone():
                raise Refusal(outcome.text)
            case other:
                raise Refusal(f"The run is {other.state} already: `postroad run show {run_id}`.")

    def _leave_to_up(self, app: "App", run_id: RunId, launched: Launched) -> int:
        self.console.print(
            f"{wording.mails(launched.mails)} to go out at "
            f"{launched.release_at:%Y-%m-%d %H:%M %Z}. "
            f"`postroad run show {run_id}` follows them, `postroad run stop {run_id}` stops them."
        )
        self._keep(look(app, run_id))
        return 0

    def _decline(self, app: "App", run_id: RunId, code: int) -> int:
        app.runs.stop(run_id, ACTOR, NOT_LAUNCHED)
        self._keep(look(app, run_id))
        self.console.print("Nothing was sent.")
        return code

    def _close(self, seen: Watched, *, has_missed: bool, is_interrupted: bool) -> int:
        self._keep(seen)
        self.console.print(outcomes(seen))
        self.console.print(sum_line(seen))
        if seen.head.state is not RunState.FINISHED:
            self._say_what_waits(seen)
            return INTERRUPTED if is_interrupted else ATTENTION
        has_more = has_missed or seen.wants_person > 0 or not seen.adds_up
        return ATTENTION if has_more else 0

    def _say_what_waits(self, seen: Watched) -> None:
        run = seen.head.id
        reason = f" {seen.relay_fault or seen.head.reason}".rstrip()
        self.console.print(f"The run is {seen.head.state}.{reason}", style="yellow")
        self.console.print(
            f"Do not send again: what waits goes out while `postroad up` runs. `postroad run show "
            f"{run}` shows it, `postroad run stop {run}` ends it.",
            style="yellow",
        )

    def _keep(self, seen: Watched) -> None:
        self.result |= as_plain(seen)


def put_relay(app: "App", wanted: RelayFields) -> RelayId:
    """The relay of that address, made or brought up to date; the default stays what it was."""
    default = app.relays.default()
    for known in app.relays.all():
        if known.name == wanted.name and not known.is_sandbox:
            return RelayId(_saved(app.relays.edit(RelayId(known.id), wanted, ACTOR)))
    relay_id = _saved(app.relays.create(wanted, ACTOR))
    if default is not None:
        app.relays.make_default(RelayId(default.id), ACTOR)
    return relay_id


def _saved(outcome: Saved[Id] | Unchanged[Id] | Refused | Gone) -> Id:
    match outcome:
        case Refused():
            raise _refusal(outcome)
        case Gone():
            raise Refusal(outcome.text)
        case _:
            return outcome.id


def _refusal(refused: Refused) -> Refusal:
    return Refusal("\n".join(refused.faults.values()))
