"""A book, letters and runs in many states, believable enough to be looked at.

Made through the product's own actions; `Hand` plays the worker, so that every
reply is ours to choose and nothing moves while it is looked at.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from postroad.app import App
from postroad.cli.demo.people import demo_people, people_as_csv
from postroad.cli.demo.resume import FILE_NAME, resume_pdf
from postroad.core.audience import Definition, Everyone, Tagged
from postroad.core.campaign import CampaignFields
from postroad.core.ids import AudienceId, CampaignId, ContentId, RelayId, RunId
from postroad.core.launching import At, Now, When
from postroad.core.limit import Limits
from postroad.core.preferences import Preferences
from postroad.core.public_token import write_token
from postroad.core.relay import RelayFields
from postroad.core.revision import NewFile, NewRevision
from postroad.core.running import Launched, VerifyStarted
from postroad.core.saved import Saved
from postroad.core.unknown import UnknownPolicy
from postroad.engine.smtp.inbox import InboxStore, NewMail
from postroad.testing.runs import Hand

from .letters import CATALOGUE, INVITATION, LETTER, READERS
from .music import a_source
from .replies import answer, busy, dead, full, lost, rejected

ACTOR = "manager"


@dataclass(frozen=True, slots=True)
class Town:
    """What the pages are about, by number."""

    contact: int
    audience: int
    content: int
    campaign: int
    draft: int
    opened: int
    relay: int
    source: int
    ready: RunId
    running: RunId
    finished: RunId
    scheduled: RunId
    stopped: RunId
    looked_up: RunId
    preparing: RunId
    unsubscribe: str


STAGES = ["select", "prepare", "dispatch"]
BEAT = "SELECT beat(%s, 'studio', %s, '0.1.0', %s, %s, 0, %s)"


def open_shop(app: App) -> None:
    """As `up` leaves an empty product: the sandbox, and a worker that lives."""
    app.relays.put_sandbox(2525)
    with Hand(app.dsn) as hand:
        hand.ask("DELETE FROM worker WHERE id = %s RETURNING id", hand.id)
        hand.ask(BEAT, uuid4(), 4712, STAGES, 3600, 0)


def go_on(app: App, run: RunId) -> None:
    """Some of the run was answered within the last seconds, so that it has a rate."""
    with Hand(app.dsn) as hand:
        for ago in (4, 2):
            batch = hand.begin()
            assert batch is not None
            assert batch["run_id"] == run
            hand.answer(batch, answer({}, 0, datetime.now(UTC) - timedelta(seconds=ago)))
        hand.ask("DELETE FROM worker WHERE id = %s RETURNING id", hand.id)


def build_town(app: App, now: datetime) -> Town:
    """In a shop that is open and has no contacts."""
    with Hand(app.dsn) as hand:
        return _Builder(app, hand, now).build()


class _Builder:
    def __init__(self, app: App, hand: Hand, now: datetime) -> None:
        self.app, self.hand, self.now = app, hand, now
        self.sandbox = app.relays.put_sandbox(2525)
        self.contents: dict[str, ContentId] = {}
        self.audiences: dict[str, AudienceId] = {}

    def build(self) -> Town:
        self._people()
        relay = self._relay()
        self._letters()
        finished = self._finished()
        opened = self._opened()
        stopped = self._stopped()
        looked_up = self._looked_up()
        scheduled = self._scheduled()
        ready = self._run(
            "Press invitation", "Press", "Invitation",
            unknown_policy=UnknownPolicy.RESEND, resend_limit=2,
        )  # fmt: skip
        running = self._running(relay)
        draft = self._campaign("Price list, spring", None, "Catalogue", relay, is_personal=False)
        preparing = self._preparing()
        self._submit(opened, ("order-1047",))
        self._workers()
        self._inbox(finished)
        self._limits(relay)
        self.hand.ask("SELECT count_queues()")
        return Town(
            contact=self._id("SELECT id FROM contact WHERE company <> '' ORDER BY id LIMIT 1"),
            audience=self.audiences["Readers"],
            content=self.contents["Application letter"],
            campaign=self._id("SELECT campaign_id AS id FROM run WHERE id = %s", ready),
            draft=draft,
            opened=opened,
            relay=relay,
            source=a_source(self.app),
            ready=ready,
            running=running,
            finished=finished,
            scheduled=scheduled,
            stopped=stopped,
            looked_up=looked_up,
            preparing=preparing,
            unsubscribe=self._unsubscribe(running),
        )

    def _id(self, sql: str, *arguments: object) -> int:
        return int(self.hand.ask(sql, *arguments)[0]["id"])

    # What runs are made of.

    def _people(self) -> None:
        book = self.app.contacts
        book.import_file(io.BytesIO(people_as_csv()), io.StringIO(), ["applications"], ACTOR)
        book.add("\n".join(_readers()), ["readers"], ACTOR)
        press = [one for one in demo_people() if one.company][:24]
        text = "\n".join(f"{one.name.replace(',', '')} <{one.address}>" for one in press)
        book.add(text, ["press"], ACTOR)
        book.add(
            "The Desk <desk@gazette.example>\nNewsroom <news@herald.example>", ["press"], ACTOR
        )
        for one, note in ((press[3], "asked by telephone"), (press[7], "left the paper")):
            self.app.suppressions.add(one.address, note, ACTOR)
        self._audience("Applications", Tagged(("applications",)))
        self._audience("Readers", Tagged(("readers",)))
        self._audience("Press", Tagged(("press",)))
        self._audience("Everybody", Everyone())

    def _audience(self, name: str, definition: Definition) -> None:
        made = self.app.audiences.create(name, definition, ACTOR)
        assert isinstance(made, Saved), made
        self.audiences[name] = made.id

    def _relay(self) -> int:
        fields = RelayFields(
            "Frankfurt", "smtp.frankfurt.example", 587, "starttls", "mara@lindqvist.example",
            "secret", "", 60_000, 20_000, 4, at_once=400, ramp_first=5_000, ramp_percent=50,
        )  # fmt: skip
        made = self.app.relays.create(fields, ACTOR)
        assert isinstance(made, Saved), made
        self.app.relays.make_default(RelayId(self.sandbox), ACTOR)
        preferences = Preferences("https://post.lindqvist.example", 60, "Europe/Berlin", "Mara")
        self.app.set_for_all.save(preferences, ACTOR)
        return int(made.id)

    def _limits(self, relay: int) -> None:
        """A provider that asked for less, and a domain that has a lane of its own."""
        reply = "421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume"
        self.hand.ask("SELECT slow_down_lane(%s, 'yahoo', 3, %s)", relay, reply)
        self.app.limits.limit_domain("vikstad.example", Limits(per_minute=30, at_once=2), ACTOR)
        self.app.limits.set_lane("microsoft", Limits(per_minute=30_000), ACTOR)

    def _letters(self) -> None:
        greeting = {"first_name": {"policy": "default", "default": "Sir or Madam"}}
        company = {"company": {"policy": "default", "default": ""}}
        resume = NewFile(FILE_NAME, "application/pdf", resume_pdf())
        subject = "{% if company %}{{ company }}: {% endif %}an engineer who loses nothing"
        letters = {
            "Application letter": NewRevision(
                subject, "md", LETTER, "", greeting | company, (resume,)
            ),
            "Catalogue": NewRevision(
                "{{ first_name }}, the winter catalogue is here", "html", CATALOGUE, "", greeting
            ),
            "Invitation": NewRevision("An evening for {{ company }}", "md", INVITATION),
        }
        for name, revision in letters.items():
            made = self.app.contents.create(name, revision, ACTOR)
            assert isinstance(made, Saved), made
            self.contents[name] = made.id

    # Runs.

    def _campaign(
        self,
        name: str,
        audience: str | None,
        content: str,
        relay: int,
        *,
        is_personal: bool = True,
        **more: Any,
    ) -> CampaignId:
        fields = CampaignFields(
            name=name,
            is_personal=is_personal,
            audience_id=self.audiences[audience] if audience else None,
            content_id=self.contents[content],
            relay_id=RelayId(relay),
            sender_name="Mara Lindqvist",
            sender_address="mara@lindqvist.example",
            postal_address="" if is_personal else "Lindqvist, Norra Kajen 12, Vikstad",
            **more,
        )
        made = self.app.campaigns.create(fields, ACTOR)
        assert isinstance(made, Saved), made
        return made.id

    def _verify(self, name: str, audience: str, content: str, relay: int, **more: Any) -> RunId:
        campaign = self._campaign(name, audience, content, relay, **more)
        started = self.app.runs.verify(campaign, ACTOR)
        assert isinstance(started, VerifyStarted), started
        self.hand.select()
        return started.run_id

    def _run(self, name: str, audience: str, content: str, relay: int = 0, **more: Any) -> RunId:
        """Verified, and ready."""
        run = self._verify(name, audience, content, relay or self.sandbox, **more)
        self.hand.prepare()
        self.hand.advance()
        return run

    def _launch(self, run: RunId, when: When, undo_seconds: float = 0) -> None:
        mails = self.app.runs.counts(run)["prepared"]
        done = self.app.runs.launch(run, when, mails, ACTOR, undo_seconds)
        assert isinstance(done, Launched), done

    def _finished(self) -> RunId:
        run = self._run("Applications", "Applications", "Application letter")
        self._launch(run, Now())
        self.hand.dispatch(answer({17: dead, 31: dead, 54: lost, 60: rejected, 61: dead}))
        self.hand.advance()
        self._began(run, timedelta(minutes=47), timedelta(minutes=46, seconds=12))
        began = self.now - timedelta(minutes=47)
        self._pace(run, began, [38, 52, 47, 41, 0, 18])
        self.hand.ask(
            "INSERT INTO journal (at, run_id, kind, actor) VALUES (%s, %s, 'paused', 'manager'),"
            " (%s, %s, 'resumed', 'manager') RETURNING id",
            began + timedelta(seconds=20), run, began + timedelta(seconds=25), run,
        )  # fmt: skip
        return run

    def _opened(self) -> CampaignId:
        """Open for single mails, with a few that went out."""
        opened = self._campaign("Booking receipts", None, "Application letter", self.sandbox)
        done = self.app.campaigns.open(opened, "", ACTOR)
        assert isinstance(done, Saved), done
        self._submit(opened, [f"order-{number}" for number in range(1041, 1047)])
        for _ in range(6):
            self.hand.select()
        self.hand.prepare()
        self.hand.advance()
        self.hand.advance()
        self.hand.dispatch()
        self.hand.advance()
        return opened

    def _submit(self, campaign: CampaignId, keys: Sequence[str]) -> None:
        for key in keys:
            made = self.hand.ask(
                "SELECT outcome FROM submit_delivery(%s, %s, %s, %s, '', '{}', '', 'outside')",
                campaign, key, f"{key}@guests.example", f"{key}@guests.example",
            )  # fmt: skip
            assert made[0]["outcome"] == "taken", made

    def _stopped(self) -> RunId:
        run = self._run("Moving house", "Applications", "Application letter")
        self._launch(run, Now())
        batch = self.hand.begin()
        assert batch is not None
        self.hand.answer(batch, answer({}))
        self.app.runs.stop(run, ACTOR)
        self.hand.purge()
        self.hand.advance()
        self._began(run, timedelta(minutes=20))
        return run

    def _looked_up(self) -> RunId:
        """Over, but for two unknowns that the relay is asked about."""
        run = self._run(
            "Thank-you notes", "Press", "Application letter", unknown_policy=UnknownPolicy.LOOK_UP
        )
        self._launch(run, Now())
        self.hand.dispatch(answer({5: lost, 9: lost}))
        self.hand.advance()
        self._began(run, timedelta(minutes=6), timedelta(minutes=5, seconds=50))
        return run

    def _scheduled(self) -> RunId:
        run = self._run("Season’s greetings", "Applications", "Application letter")
        tomorrow = (self.now + timedelta(days=1)).replace(hour=9, minute=0, tzinfo=None)
        self._launch(run, At(tomorrow, "Europe/Berlin"))
        return run

    def _running(self, relay: int) -> RunId:
        """In the middle: some refused, some in flight, most still waiting."""
        run = self._run("Winter catalogue", "Readers", "Catalogue", relay, is_personal=False)
        self._launch(run, Now())
        faults = {11: busy, 52: busy, 67: full, 90: rejected, 101: dead, 141: busy}
        for ago in range(READERS // 200, 0, -1):
            batch = self.hand.begin()
            assert batch is not None
            at = self.now - timedelta(seconds=8 + 2 * ago)
            self.hand.answer(batch, answer(faults, 157, at))
        self.hand.begin(38)
        self._began(run, timedelta(seconds=29))
        self._pace(run, self.now - timedelta(seconds=28), [88, 131, 124, 126, 120])
        return run

    def _preparing(self) -> RunId:
        run = self._verify(
            "A year in letters", "Readers", "Catalogue", self.sandbox, is_personal=False
        )
        self.hand.prepare(2)
        return run

    def _began(self, run: RunId, ago: timedelta, ended_ago: timedelta | None = None) -> None:
        ended = None if ended_ago is None else self.now - ended_ago
        self.hand.ask(
            "UPDATE run SET started_at = %s, finished_at = coalesce(%s, finished_at)"
            " WHERE id = %s RETURNING id",
            self.now - ago, ended, run,
        )  # fmt: skip

    def _pace(self, run: RunId, start: datetime, accepted: list[int]) -> None:
        """So many in each five seconds, some put off and refused among them."""
        self.hand.ask("DELETE FROM run_pace WHERE run_id = %s RETURNING at", run)
        for place, count in enumerate(accepted):
            self.hand.ask(
                "INSERT INTO run_pace (run_id, at, span_s, accepted, deferred, refused)"
                " VALUES (%s, date_bin('5 s', %s, 'epoch'), 5, %s, %s, %s) RETURNING at",
                run, start + timedelta(seconds=5 * place), count, count // 11, count // 40,
            )  # fmt: skip

    # Around them.

    def _workers(self) -> None:
        """Ours looks like the others; one has fallen silent, one was upgraded away."""
        self.hand.ask(
            "UPDATE worker SET host = 'studio', pid = 4711, version = '0.1.0', stages = %s,"
            " in_flight = 38, done = 1712, rate = 214 WHERE id = %s RETURNING id",
            STAGES, self.hand.id,
        )  # fmt: skip
        self.hand.ask(BEAT, uuid4(), 3918, STAGES, -60, 310)
        old = uuid4()
        self.hand.ask(BEAT, old, 2203, STAGES, 60, 5120)
        self.hand.ask("SELECT end_worker(%s)", old)
        newer = uuid4()
        self.hand.ask(BEAT, newer, 1188, STAGES, 6000, 940)
        self.hand.ask(
            "UPDATE worker SET version = '0.2.0', rate = 198, host = 'attic' WHERE id = %s"
            " RETURNING id", newer,
        )  # fmt: skip

    def _inbox(self, run: RunId) -> None:
        """What the sandbox took of it, as the reader would see it."""
        rows = self.hand.ask(
            "SELECT r.n, r.address FROM delivery r JOIN delivery_state s USING (run_id, n)"
            " WHERE r.run_id = %s AND s.state = 'accepted' ORDER BY n LIMIT 60", run,
        )  # fmt: skip
        at = (self.now - timedelta(minutes=46)).timestamp()
        with InboxStore(self.app.settings.inbox_file) as inbox:
            for row in rows:
                mail = self.app.mails.source(run, row["n"]) or b""
                inbox.add(NewMail(at, "mara@lindqvist.example", row["address"], mail))

    def _unsubscribe(self, run: RunId) -> str:
        sql = "SELECT n, token FROM delivery WHERE run_id = %s ORDER BY n LIMIT 1"
        found = self.hand.ask(sql, run)
        return write_token(run, found[0]["n"], bytes(found[0]["token"]))


def _readers() -> Iterator[str]:
    """Many, at the great providers and small ones."""
    places = ("gmail.com", "outlook.com", "gmx.example", "posteo.example", "yahoo.com")
    people = demo_people()
    for n in range(READERS):
        one = people[n * 7 % len(people)]
        local = one.address.partition("@")[0]
        yield f"{one.name.replace(',', '')} <{local}.{n}@{places[n % len(places)]}>"
