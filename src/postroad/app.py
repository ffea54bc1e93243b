"""The composition root: settings in, everything that pages and commands use out.

Import it after `web.django_settings.configure`: it reaches the models.
"""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from postroad.actions import launch_run, pause_run, resume_run, stop_run, undo_launch
from postroad.actions.discard_dead import discard_dead, undo_discard
from postroad.actions.drain_worker import Draining, drain_worker
from postroad.actions.end_rest import WorksAgain, end_rest
from postroad.actions.purge_queue import purge_queue
from postroad.actions.requeue_dead import Requeued, requeue_dead
from postroad.actions.settle_unknown import AllUnknown, Settled, settle_unknown
from postroad.actions.stop_everything import stop_everything
from postroad.actions.undo_drain import Stays, undo_drain
from postroad.actions.verify_campaign import verify_campaign
from postroad.content import reading
from postroad.content.attachment import FileSpec
from postroad.content.checks import Severity, check_content
from postroad.content.message import CompiledRevision, RevisionSpec, compile_revision
from postroad.core.dead_letter import Discarded, Group, Letter
from postroad.core.ids import CampaignId, RevisionId, RunId
from postroad.core.launching import When
from postroad.core.preferences import Preferences
from postroad.core.queue import PurgeOutcome, QueueStage, StopEverythingOutcome
from postroad.core.running import ActOutcome, LaunchOutcome, StopOutcome, VerifyOutcome
from postroad.core.saved import Gone, Refused
from postroad.core.unknown import Settlement, policy_after_seconds
from postroad.engine.smtp.inbox import InboxEntry, InboxMail, InboxStore
from postroad.settings import Settings
from postroad.store.connection import close_connections
from postroad.store.reads import account as account_reads
from postroad.store.reads import attention as attention_reads
from postroad.store.reads import content as content_reads
from postroad.store.reads import delivery as delivery_reads
from postroad.store.reads import export as export_reads
from postroad.store.reads import find as find_reads
from postroad.store.reads import home as home_reads
from postroad.store.reads import journal as journal_reads
from postroad.store.reads import pace as pace_reads
from postroad.store.reads import queue as queue_reads
from postroad.store.reads import recipients as recipient_reads
from postroad.store.reads import report as report_reads
from postroad.store.reads import run as run_reads
from postroad.store.reads import run_list as run_list_reads
from postroad.store.reads import server as server_reads
from postroad.store.reads import setting as setting_reads
from postroad.store.reads import shell as shell_reads
from postroad.store.reads import worker as worker_reads
from postroad.store.secrets import Key, key_of
from postroad.store.writes import account as account_writes
from postroad.store.writes import attention as attention_writes
from postroad.store.writes import queue as queue_writes
from postroad.store.writes import run as run_writes
from postroad.store.writes import worker as worker_writes
from postroad.wiring.book import Audiences, Contacts, Contents, Relays, placed
from postroad.wiring.campaigning import Campaigns, Drafts
from postroad.wiring.imports import Imports
from postroad.wiring.limits import Limits
from postroad.wiring.people import Picked, Public, SetForAll, Suppressions
from postroad.wiring.revisions import compiled, sized_files, spec_of, without_octets
from postroad.wiring.sources import Sources
from postroad.wiring.status import Status


class Clock:
    """The time, handed in so that tests can set it."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class Account:
    """Who signs in. Secrets of links are kept as hashes only."""

    has_password = staticmethod(account_reads.has_password)
    is_link_open = staticmethod(account_reads.is_link_open)
    password_faults = staticmethod(account_reads.password_faults)
    make_link = staticmethod(account_writes.make_setup_link)
    use_link = staticmethod(account_writes.use_setup_link)
    rename = staticmethod(account_writes.rename_manager)
    set_password = staticmethod(account_writes.set_password)


RunHead = run_reads.RunHead
RunProgress = run_reads.Progress
QueueFigure = queue_reads.QueueFigure


class Reads:
    """What pages show, a page family a function."""

    home = staticmethod(home_reads.read_home)
    find = staticmethod(find_reads.find)
    nav = staticmethod(shell_reads.read_nav)
    server = staticmethod(server_reads.server_facts)


class Runs:
    """A run from Verify to its end. The acts are safe to press twice."""

    head = staticmethod(run_reads.head)
    progress = staticmethod(run_reads.progress)
    counts = staticmethod(run_reads.counts)
    pace = staticmethod(pace_reads.pace)
    pace_marks = staticmethod(pace_reads.marks)
    report = staticmethod(report_reads.report)
    zones = staticmethod(report_reads.zones)
    kept_mails = staticmethod(report_reads.kept_mails)
    sample_numbers = staticmethod(report_reads.sample_numbers)
    prepared_numbers = staticmethod(report_reads.prepared_numbers)
    neighbours = staticmethod(report_reads.neighbours)
    recipients = staticmethod(recipient_reads.page)
    recipient = staticmethod(recipient_reads.person)
    omissions = staticmethod(recipient_reads.omissions)
    list = staticmethod(run_list_reads.runs)
    deliveries = staticmethod(export_reads.deliveries)

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def preferences(self) -> Preferences:
        return setting_reads.preferences(default_preferences(self._settings))

    def verify(self, campaign_id: CampaignId, actor: str) -> VerifyOutcome:
        public_url = self.preferences().public_url
        return verify_campaign(run_writes, content_faults, public_url, campaign_id, actor)

    def launch(
        self,
        run_id: RunId,
        when: When,
        typed_count: int | None,
        actor: str,
        undo_seconds: float | None = None,
    ) -> LaunchOutcome:
        """`undo_seconds` None: as the manager set it."""
        undo = self.preferences().undo_seconds if undo_seconds is None else undo_seconds
        return launch_run.launch_run(run_writes, run_id, when, typed_count, undo, actor)

    def undo_launch(self, run_id: RunId, actor: str) -> ActOutcome:
        return undo_launch.undo_launch(run_writes, run_id, actor)

    def pause(self, run_id: RunId, actor: str) -> ActOutcome:
        return pause_run.pause_run(run_writes, run_id, actor)

    def resume(self, run_id: RunId, actor: str) -> ActOutcome:
        return resume_run.resume_run(run_writes, run_id, actor)

    def stop(
        self, run_id: RunId, actor: str, reason: str = stop_run.STOPPED_BY_HAND
    ) -> StopOutcome:
        return stop_run.stop_run(run_writes, run_id, actor, reason)

    def abandon(self, run_id: RunId, actor: str) -> StopOutcome:
        return stop_run.abandon_run(run_writes, run_id, actor)


def default_preferences(settings: Settings) -> Preferences:
    """What holds until the manager sets something else."""
    return Preferences(public_url=settings.public_url, undo_seconds=settings.undo_seconds)


def content_faults(revision_id: RevisionId, *, is_bulk: bool) -> tuple[str, ...]:
    """What blocks a saved revision, each text naming line and column where it has them."""
    kept = _revision(revision_id)
    spec = spec_of(kept, sized_files(kept.files))
    done = compile_revision(without_octets(spec))
    if isinstance(done, list):
        return tuple(placed(fault) for fault in done)
    found = check_content(spec, is_bulk=is_bulk)
    return tuple(each.text for each in found if each.severity == Severity.RED)


def revision_spec(revision_id: RevisionId) -> RevisionSpec:
    """A saved revision with its files. LookupError when there is none of that number."""
    kept = _revision(revision_id)
    return spec_of(
        kept,
        (
            FileSpec(file.name, file.media_type, content_reads.file_data(file.attachment_id) or b"")
            for file in kept.files
        ),
    )


def _revision(revision_id: RevisionId) -> content_reads.RevisionDetail:
    kept = content_reads.revision(revision_id)
    if kept is None:
        raise LookupError(f"There is no revision {revision_id}.")
    return kept


def load_revision(revision_id: RevisionId) -> CompiledRevision:
    """Compiled, for the prepare stage. ValueError for one that has faults."""
    return compiled(revision_spec(revision_id))


class Mails:
    """One mail's story and its bytes."""

    delivery = staticmethod(delivery_reads.read_delivery)
    road = staticmethod(delivery_reads.read_road)
    read = staticmethod(reading.read_mail)
    read_file = staticmethod(reading.read_file)

    def source(self, run_id: RunId, n: int) -> bytes | None:
        """The whole mail as it was prepared, the Date header apart; None where it was not."""
        head = delivery_reads.read_head(run_id, n)
        return None if head is None else head.octets + revision_tail(head.revision_id)


def revision_tail(revision_id: RevisionId) -> bytes:
    """The static end of every mail of a revision: attachments and closing boundary."""
    try:
        return load_revision(revision_id).tail
    except (LookupError, ValueError):
        return b""  # Its content was deleted since; the head is all that is left.


class Attention:
    """What waits for a person: dead letters and unknowns. Decided twice is done once."""

    dead_groups = staticmethod(attention_reads.dead_groups)
    dead_letters = staticmethod(attention_reads.dead_letters)
    unknowns = staticmethod(attention_reads.unknowns)
    count = staticmethod(attention_reads.count_waiting)

    def __init__(self, settings: Settings) -> None:
        self.resend_after_seconds = settings.resend_after_seconds
        self.policy_after_seconds = policy_after_seconds(settings.resend_after_seconds)

    def requeue(self, wanted: list[Letter] | Group, actor: str) -> Requeued | Refused:
        return requeue_dead(attention_writes, wanted, actor)

    def discard(self, wanted: list[Letter] | Group, actor: str) -> Discarded | Refused:
        return discard_dead(attention_writes, wanted, actor)

    def undo_discard(self, discarded: Discarded, actor: str) -> int:
        return undo_discard(attention_writes, discarded, actor)

    def settle(
        self, wanted: list[Letter] | AllUnknown, how: Settlement, actor: str
    ) -> Settled | Refused:
        return settle_unknown(attention_writes, wanted, how, self.resend_after_seconds, actor)


class Journal:
    filter = journal_reads.JournalFilter
    page = staticmethod(journal_reads.page)
    count_new = staticmethod(journal_reads.count_new)
    entry = staticmethod(journal_reads.read_entry)
    estimate = staticmethod(journal_reads.estimate_entries)


class Workers:
    all = staticmethod(worker_reads.read_workers)
    resting = staticmethod(worker_reads.read_resting)

    def drain(self, worker_id: UUID, actor: str) -> Draining | Gone:
        return drain_worker(worker_writes, worker_id, actor)

    def undo_drain(self, worker_id: UUID, actor: str) -> Stays | Gone:
        return undo_drain(worker_writes, worker_id, actor)

    def end_rest(self, host: str, slot: str, actor: str) -> WorksAgain | Gone:
        return end_rest(worker_writes, host, slot, actor)


class Queues:
    """The two queues over all runs, and the two acts that end what waits."""

    figures = staticmethod(queue_reads.queues)
    waiting = staticmethod(queue_reads.waiting)
    live = staticmethod(queue_reads.everything_live)

    def purge(self, stage: QueueStage, actor: str) -> PurgeOutcome:
        return purge_queue(queue_writes, stage, actor)

    def stop_everything(self, actor: str) -> StopEverythingOutcome:
        return stop_everything(queue_writes, actor)


class Inbox:
    """The sandbox inbox, for reading; opened when it is first looked into, once it exists."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opening = threading.Lock()
        self._store: InboxStore | None = None

    def page(
        self, before_id: int | None = None, limit: int = 50, search: str = ""
    ) -> list[InboxEntry]:
        """Newest first, those numbered below `before_id`."""
        store = self._opened()
        return store.page(before_id, limit, search) if store else []

    def get(self, number: int) -> InboxMail | None:
        store = self._opened()
        return store.get(number) if store else None

    def count(self) -> int:
        store = self._opened()
        return store.count() if store else 0

    def close(self) -> None:
        """No connection of this file may be carried over a fork."""
        with self._opening:
            if self._store:
                self._store.close()
            self._store = None

    def _opened(self) -> InboxStore | None:
        with self._opening:
            if self._store is None and self._path.is_file():
                self._store = InboxStore(self._path)
            return self._store


ACCOUNT: Final = Account()
READS: Final = Reads()
MAILS: Final = Mails()
JOURNAL: Final = Journal()
WORKERS: Final = Workers()
QUEUES: Final = Queues()
CONTACTS: Final = Contacts()
AUDIENCES: Final = Audiences()
CONTENTS: Final = Contents()
CAMPAIGNS: Final = Campaigns(content_faults)
DRAFTS: Final = Drafts()
SUPPRESSIONS: Final = Suppressions()
PICKED: Final = Picked()
PUBLIC: Final = Public()
LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class App:
    """All that web, api and cli are handed."""

    settings: Settings
    dsn: str
    key: Key
    clock: Clock
    runs: Runs
    attention: Attention
    inbox: Inbox
    relays: Relays
    sources: Sources
    imports: Imports
    set_for_all: SetForAll
    status: Status
    account: Account = ACCOUNT
    reads: Reads = READS
    mails: Mails = MAILS
    journal: Journal = JOURNAL
    workers: Workers = WORKERS
    queues: Queues = QUEUES
    contacts: Contacts = CONTACTS
    audiences: Audiences = AUDIENCES
    contents: Contents = CONTENTS
    campaigns: Campaigns = CAMPAIGNS
    drafts: Drafts = DRAFTS
    suppressions: Suppressions = SUPPRESSIONS
    picked: Picked = PICKED
    public: Public = PUBLIC
    limits: Limits = LIMITS

    def close(self) -> None:
        """Close this thread's database connection; needed before a fork."""
        close_connections()
        self.inbox.close()


def build_app(settings: Settings, dsn: str) -> App:
    key = key_of(settings)
    return App(
        settings=settings,
        dsn=dsn,
        key=key,
        clock=Clock(),
        runs=Runs(settings),
        attention=Attention(settings),
        inbox=Inbox(settings.inbox_file),
        relays=Relays(key),
        sources=Sources(key),
        imports=Imports(settings.home),
        set_for_all=SetForAll(default_preferences(settings)),
        status=Status(settings),
    )
