"""Runs brought into any state through the product's own actions and the engine's functions.

    book = RunBuilder(app)
    run_id = book.a_run(RunState.RUNNING, people=120)

`Hand` plays one worker's part step by step, so that a test decides what each
reply was and needs no worker process.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from postroad.app import App, load_revision
from postroad.core.address import Address, parse_address
from postroad.core.audience import Everyone
from postroad.core.campaign import CampaignFields
from postroad.core.contact import Known, NewContact, complete_names
from postroad.core.ids import AudienceId, CampaignId, ContentId, RelayId, RevisionId, RunId
from postroad.core.launching import Now
from postroad.core.lifecycle import RunState
from postroad.core.mail import Prepared, Recipient, Sender
from postroad.core.revision import NewRevision
from postroad.core.running import Launched, VerifyStarted
from postroad.core.saved import Saved
from postroad.store.writes import audience as audience_writes
from postroad.store.writes import campaign as campaign_writes
from postroad.store.writes import contact as contact_writes
from postroad.store.writes import content as content_writes
from postroad.store.writes import relay as relay_writes

MANAGER: Final = "manager"
LETTER: Final = "Dear {{ name }},\n\nthis is a letter to {{ company }}.\n"

Fact = dict[str, Any]
Answer = Callable[[int], Fact]


def accepted(_n: int) -> Fact:
    return {"kind": "accepted", "code": 250, "enhanced": "2.0.0", "text": "250 2.0.0 Ok"}


def deferred(_n: int) -> Fact:
    text = "451 4.7.1 Greylisted, come back later"
    return {"kind": "deferred", "code": 451, "enhanced": "4.7.1", "text": text, "phase": "rcpt"}


def rejected(_n: int) -> Fact:
    text = "550 5.1.1 The account does not exist"
    return {"kind": "rejected", "code": 550, "enhanced": "5.1.1", "text": text, "phase": "rcpt"}


def dead(_n: int) -> Fact:
    text = "552 5.3.4 Message too big"
    return {"kind": "dead", "code": 552, "enhanced": "5.3.4", "text": text, "phase": "dot"}


def unknown(_n: int) -> Fact:
    return {"kind": "unknown", "text": "The connection was lost behind the final dot."}


class Hand:
    """A worker played by hand on its own connection; close it, or use it with `with`."""

    def __init__(self, dsn: str) -> None:
        self.id: UUID = uuid4()
        self.connection = psycopg.connect(
            dsn, autocommit=True, row_factory=dict_row, connect_timeout=10
        )
        self.beat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def ask(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        return self.connection.execute(sql, parameters or None).fetchall()

    def beat(self, lease_seconds: float = 600) -> None:
        stages = ["prepare", "dispatch"]
        self.ask("SELECT beat(%s, 'here', 1, 'test', %s, %s, 0, 0)", self.id, stages, lease_seconds)

    def select(self) -> None:
        """Selects the recipients of every run that waits for it."""
        while found := self.ask("SELECT id, claim FROM claim_selecting(%s)", self.id):
            run = found[0]
            self.ask("SELECT select_recipients(%s, %s, %s)", run["id"], self.id, run["claim"])

    def prepare(self, batches: int | None = None) -> int:
        """Prepares so many batches, all by default; how many there were."""
        done = 0
        while batches is None or done < batches:
            claimed = self._claim("prepare")
            if not claimed:
                break
            self._prepare(claimed[0])
            done += 1
        return done

    def _claim(self, stage: str) -> list[dict[str, Any]]:
        return self.ask(
            "SELECT id, run_id, lane, claim, item_n, item_attempt FROM claim_batch(%s, %s)",
            stage,
            self.id,
        )

    def _prepare(self, batch: dict[str, Any]) -> None:
        run = self.ask("SELECT * FROM run WHERE id = %s", batch["run_id"])[0]
        loaded = self.ask("SELECT * FROM load_recipients(%s)", batch["id"])
        preparer = load_revision(RevisionId(run["revision_id"]))
        sender = Sender(
            run["sender_name"], run["sender_address"], run["reply_to"], run["postal_address"]
        )
        people = [
            Recipient(
                each["n"], each["address"], each["name"], each["data"], each["message_id"], ""
            )
            for each in loaded
        ]
        packed = _Packed(len(loaded))
        for each, result in zip(loaded, preparer.prepare(sender, people), strict=True):
            packed.take(each["index"], result, batch["lane"])
        self.ask(
            "SELECT finish_prepare(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
            batch["id"],
            self.id,
            batch["claim"],
            f"worker {str(self.id)[:8]}",
            packed.body,
            packed.offsets,
            packed.lengths,
            packed.sizes,
            packed.sha256s,
            json.dumps(packed.failures),
        )

    def advance(self) -> None:
        """The scheduler's turn: ready, released, finished."""
        self.ask("SELECT advance_runs()")

    def purge(self) -> None:
        """The scheduler's other turn: what waits in stopped runs."""
        while self.ask("SELECT purge_stopped() AS purged")[0]["purged"]:
            pass

    def begin(self, mails: int = 100) -> dict[str, Any] | None:
        """Claims a batch and opens a window of so many mails; None when nothing is due."""
        claimed = self._claim("dispatch")
        if not claimed:
            return None
        self._report(claimed[0], [], mails)
        return claimed[0]

    def answer(self, batch: dict[str, Any], answer: Answer = accepted, mails: int = 100) -> None:
        """Hands in a reply for each of the first `mails` of the batch."""
        items = list(zip(batch["item_n"], batch["item_attempt"], strict=True))[:mails]
        facts = [
            {"n": n, "attempt": attempt, "lane": batch["lane"], **answer(n)} for n, attempt in items
        ]
        self._report(batch, facts, None)

    def dispatch(self, answer: Answer = accepted) -> int:
        """Sends every batch that is due; how many there were."""
        done = 0
        while (batch := self.begin()) is not None:
            self.answer(batch, answer)
            done += 1
        return done

    def _report(self, batch: dict[str, Any], facts: Sequence[Fact], hi: int | None) -> None:
        self.ask(
            "SELECT * FROM report_window(%s, %s, %s, %s, %s::jsonb, %s, NULL)",
            batch["id"],
            self.id,
            batch["claim"],
            f"worker {str(self.id)[:8]}",
            json.dumps(facts),
            hi,
        )


class _Packed:
    """The arguments of finish_prepare, filled mail by mail."""

    def __init__(self, slots: int) -> None:
        self.offsets, self.lengths, self.sizes = [-1] * slots, [0] * slots, [0] * slots
        self.sha256s: list[bytes | None] = [None] * slots
        self.failures: list[Fact] = []
        self._heads: list[bytes] = []

    @property
    def body(self) -> bytes:
        import zstandard

        return zstandard.ZstdCompressor(level=1).compress(b"".join(self._heads))

    def take(self, index: int, result: Any, lane: str) -> None:
        if isinstance(result, Prepared):
            self.offsets[index] = sum(map(len, self._heads))
            self.lengths[index], self.sizes[index] = len(result.head), result.size
            self.sha256s[index] = result.sha256
            self._heads.append(result.head)
            return
        fact = {"n": result.n, "attempt": 0, "cause": result.cause, "text": result.text}
        self.failures.append(fact | {"kind": type(result).__name__.lower(), "lane": lane})


@dataclass(slots=True)
class RunBuilder:
    """Campaigns with people, letter, audience and relay, and runs of them."""

    app: App
    campaigns: dict[CampaignId, str] = field(default_factory=dict)

    def a_campaign(
        self,
        people: Sequence[NewContact],
        source: str = LETTER,
        name: str = "Winter letter",
        **more: Any,
    ) -> CampaignId:
        """A personal campaign to everyone through the sandbox, unless `more` says otherwise."""
        from postroad.actions.deploy_audience import deploy_contacts

        if people:
            contact_writes.put_contacts(people, Known.FILL, (), MANAGER)
        relay = relay_writes.put_sandbox(2525)
        audience = audience_writes.create_audience(
            f"{name}: everyone", Everyone(), deploy_contacts, MANAGER
        )
        revision = NewRevision("A letter for {{ name }}", "txt", source)
        content = content_writes.create_content(f"{name}: text", revision, MANAGER)
        assert isinstance(audience, Saved), audience
        assert isinstance(content, Saved), content
        fields: dict[str, Any] = {
            "name": name,
            "audience_id": AudienceId(audience.id),
            "content_id": ContentId(content.id),
            "relay_id": RelayId(relay),
            "sender_name": "Clara Voss",
            "sender_address": "clara@example.org",
        }
        saved = campaign_writes.create_campaign(CampaignFields(**(fields | more)), MANAGER)
        assert isinstance(saved, Saved), saved
        self.campaigns[saved.id] = name
        return saved.id

    def a_run(
        self,
        state: RunState,
        people: int | Sequence[NewContact] = 12,
        source: str = LETTER,
        **more: Any,
    ) -> RunId:
        """A run of a new campaign in this state; of a running one nothing has been sent yet."""
        known = some_people(people) if isinstance(people, int) else people
        campaign = self.a_campaign(known, source, **more)
        started = self.app.runs.verify(campaign, MANAGER)
        assert isinstance(started, VerifyStarted), started
        with Hand(self.app.dsn) as hand:
            self._bring(started.run_id, state, hand)
        found = self.app.runs.head(started.run_id)
        assert found is not None
        assert found.state is state, (found.state, found.reason)
        return started.run_id

    def _bring(self, run_id: RunId, state: RunState, hand: Hand) -> None:
        if state is RunState.SELECTING:
            return
        hand.select()
        if state is RunState.PREPARING:
            return
        hand.prepare()
        hand.advance()
        if state is RunState.READY:
            return
        if state is RunState.HELD:
            hand.ask("SELECT hold_run(%s, 'Too many failures.')", run_id)
            return
        self._launch(run_id, 0 if state is not RunState.SCHEDULED else 60)
        match state:
            case RunState.PAUSED:
                self.app.runs.pause(run_id, MANAGER)
            case RunState.STOPPED:
                self.app.runs.stop(run_id, MANAGER)
            case RunState.FINISHED:
                hand.dispatch()
                hand.advance()
            case _:
                pass

    def _launch(self, run_id: RunId, undo_seconds: float) -> None:
        found = self.app.runs.counts(run_id).get("prepared", 0)
        launched = self.app.runs.launch(run_id, Now(), found, MANAGER, undo_seconds)
        assert isinstance(launched, Launched), launched


def some_people(count: int, domain: str = "example.com") -> list[NewContact]:
    """Person 1 <person1@…>, each with a company."""
    return [
        a_person(f"person{n}@{domain}", f"Person {n}", company=f"Firm {n}")
        for n in range(1, count + 1)
    ]


def a_person(text: str, name: str = "", **more: Any) -> NewContact:
    address = parse_address(text)
    assert isinstance(address, Address), address
    names = complete_names(name)
    return NewContact(address, names.name, names.first_name, names.last_name, **more)
