"""The demo told step by step, through the same actions that the console calls."""

import io
import threading
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console

from postroad.cli.demo.people import PEOPLE, people_as_csv
from postroad.cli.demo.proof import prove
from postroad.cli.demo.resume import FILE_NAME, resume_pdf
from postroad.cli.following import (
    Watched,
    outcomes,
    sum_line,
    until_ended,
    until_prepared,
)
from postroad.cli.starting import Refusal, open_app, telling_when_away
from postroad.cli.up import INTERRUPTED, Up, make_link
from postroad.core.audience import Tagged
from postroad.core.campaign import CampaignFields
from postroad.core.ids import AudienceId, CampaignId, ContentId, RelayId, RunId
from postroad.core.launching import Now
from postroad.core.lifecycle import RunState
from postroad.core.revision import NewFile, NewRevision
from postroad.core.running import Blocked, Launched, VerifyStarted
from postroad.core.saved import Gone, Refused, Saved, Unchanged
from postroad.settings import Settings

if TYPE_CHECKING:
    from postroad.app import App

ACTOR = "manager"
TAG = "demo"
AUDIENCE = "People to ask about a job"
CONTENT = "Application letter"
SUBJECT = "{% if company %}{{ company }}: {% endif %}a software engineer who loses nothing"
UNDO_SECONDS = 3.0
Id = TypeVar("Id")
_GREETING = {"first_name": {"policy": "default", "default": "Sir or Madam"}}
_POLICIES = _GREETING | {"company": {"policy": "default", "default": ""}}


@dataclass(slots=True)
class Demo:
    settings: Settings
    console: Console
    is_once: bool

    def tell(self, up: Up, stopping: threading.Event) -> int:
        """The story; its exit code. 0: the run has finished and adds up, and the proof holds."""
        with telling_when_away():
            return self._tell(up, stopping)

    def _tell(self, up: Up, stopping: threading.Event) -> int:
        app = open_app(self.settings, up.dsn)
        try:
            self._greet(up)
            run_id = self._verify(app, self._make_campaign(app))
            ready = until_prepared(app, run_id, self.console, stopping)
            if stopping.is_set():
                return INTERRUPTED
            self._launch(app, ready)
            seen = until_ended(app, run_id, self.console, stopping)
            if stopping.is_set() and seen.head.state is not RunState.FINISHED:
                return INTERRUPTED
            return self._close(app, seen, up)
        finally:
            app.close()

    def _greet(self, up: Up) -> None:
        self.console.print("[bold]Postroad demo[/] · a job seeker writes to 200 people")
        self.console.print(f"Console  {up.url}", highlight=False)
        if not self.is_once:
            self.console.print(f"Sign in  {up.link}", soft_wrap=True, highlight=False)
        self.console.print()

    def _make_campaign(self, app: "App") -> CampaignId:
        self._say("People", self._import(app))
        relay = next(relay for relay in app.relays.all() if relay.is_sandbox)
        fields = CampaignFields(
            name=f"Applications {len(app.campaigns.all(with_archived=True)) + 1}",
            audience_id=self._audience(app),
            content_id=self._content(app),
            relay_id=RelayId(relay.id),
            sender_name="Mara Lindqvist",
            sender_address="mara@lindqvist.example",
        )
        campaign_id = _saved(app.campaigns.create(fields, ACTOR))
        self._say("Campaign", f"“{fields.name}” through the sandbox: no mail leaves this machine")
        return campaign_id

    def _import(self, app: "App") -> str:
        done = app.contacts.import_file(io.BytesIO(people_as_csv()), io.StringIO(), [TAG], ACTOR)
        if isinstance(done, Refused):
            raise Refusal("; ".join(done.faults.values()))
        return f"{done.counts.added} added, {done.counts.people - done.counts.added} known already"

    def _audience(self, app: "App") -> AudienceId:
        for known in app.audiences.all():
            if known.name == AUDIENCE:
                return known.id
        return _saved(app.audiences.create(AUDIENCE, Tagged((TAG,)), ACTOR))

    def _content(self, app: "App") -> ContentId:
        letter = files("postroad.cli.demo").joinpath("letter.md").read_text(encoding="utf-8")
        resume = NewFile(FILE_NAME, "application/pdf", resume_pdf())
        revision = NewRevision(SUBJECT, "md", letter, "", _POLICIES, (resume,))
        size = f"{len(letter):,} characters and a résumé of {resume.size:,} octets"
        self._say("Letter", size)
        for known in app.contents.all():
            if known.name == CONTENT:
                self._renew(app, known.id, revision)
                return known.id
        return _saved(app.contents.create(CONTENT, revision, ACTOR))

    def _renew(self, app: "App", content_id: ContentId, revision: NewRevision) -> None:
        """A letter of an earlier version of the demo gets its next revision."""
        kept = app.contents.latest(content_id)
        if kept is None or (kept.source, kept.subject) != (revision.source, revision.subject):
            _saved(app.contents.save(content_id, revision, ACTOR))

    def _verify(self, app: "App", campaign_id: CampaignId) -> RunId:
        self._say("Verify", "everybody is selected, every mail prepared, nothing is sent")
        match app.runs.verify(campaign_id, ACTOR):
            case VerifyStarted(run_id):
                return run_id
            case Blocked() as blocked:
                raise Refusal("\n".join(check.text for check in blocked.red))
            case other:
                raise Refusal(other.text)

    def _launch(self, app: "App", ready: Watched) -> None:
        if ready.head.state is not RunState.READY:
            raise Refusal(f"The run is {ready.head.state}: {ready.head.reason}")
        launched = app.runs.launch(ready.head.id, Now(), PEOPLE, ACTOR, undo_seconds=UNDO_SECONDS)
        if not isinstance(launched, Launched):
            raise Refusal(f"The demo could not be launched: {launched}")
        undo = f"{launched.mails} mails, which could be undone for {UNDO_SECONDS:g} s"
        self._say("Launch", undo)

    def _close(self, app: "App", seen: Watched, up: Up) -> int:
        self.console.print()
        self.console.print(outcomes(seen))
        self.console.print(sum_line(seen))
        self._say_retried(seen)
        proof = prove(app, seen.head.id, FILE_NAME, resume_pdf())
        for fault in proof.faults[:10]:
            self.console.print(f"[red]{fault}[/]")
        if not proof.faults:
            self.console.print(
                f"[green]Proved: {proof.mails} accepted mails lie in the inbox once each; all "
                "parse strictly, letter in place, résumé octet for octet.[/]"
            )
        if not self.is_once:
            self._say_where(seen, up, make_link(self.settings, up.dsn, up.url))
        is_whole = seen.head.recipients == PEOPLE and seen.adds_up and not proof.faults
        return 0 if is_whole and seen.head.state is RunState.FINISHED else 1

    def _say_retried(self, seen: Watched) -> None:
        again = sum(reply.count for reply in seen.progress.replies if reply.fact == "deferred")
        if again:
            self.console.print(f"{again} were refused for now (4yz), and tried again by itself.")

    def _say_where(self, seen: Watched, up: Up, link: str) -> None:
        """Which pages show more. The first link may be used up by now."""
        run = f"{up.url}/runs/{seen.head.id}/"
        lines = (
            ("The run", run),
            ("Dead letter", f"{up.url}/dead/"),
            ("Inbox", f"{up.url}/inbox/"),
            ("Sign in", link),
        )
        self.console.print()
        for name, url in lines:
            self.console.print(f"{name:<12} {url}", soft_wrap=True, highlight=False)
        self.console.print("Ctrl-C stops everything that was started.")

    def _say(self, step: str, text: str) -> None:
        self.console.print(f"[bold]{step:<9}[/] {text}", highlight=False)


def _saved(outcome: Saved[Id] | Unchanged[Id] | Refused | Gone) -> Id:
    match outcome:
        case Refused(faults):
            raise Refusal("; ".join(faults.values()))
        case Gone(text):
            raise Refusal(text)
        case _:
            return outcome.id
