"""A run watched from the command line until it waits for somebody or is at its end."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from postroad.cli.starting import Refusal
from postroad.cli.wording import WANTS_A_PERSON, WORDINGS
from postroad.core.ids import RelayId, RunId
from postroad.core.lifecycle import RunState

if TYPE_CHECKING:
    from postroad.app import App, RunHead, RunProgress

LOOK_SECONDS = 0.25
NOBODY_SECONDS = 120.0
"""After so long without a worker nothing is waited for any more."""
BAR_CELLS = 60
_BEFORE_READY = (RunState.SELECTING, RunState.PREPARING)
_ENDED = (RunState.FINISHED, RunState.STOPPED, RunState.HELD)


@dataclass(frozen=True, slots=True)
class Watched:
    """`relay_fault`: why the relay is out of use until somebody mends it, '' while it is not."""

    head: "RunHead"
    progress: "RunProgress"
    relay_fault: str = ""

    @property
    def adds_up(self) -> bool:
        return self.progress.difference == 0

    @property
    def wants_person(self) -> int:
        """Recipients without a mail for whom somebody has to do something."""
        return self.progress.of(*WANTS_A_PERSON)


def look(app: "App", run_id: RunId) -> Watched:
    head = app.runs.head(run_id)
    if head is None:
        raise Refusal(f"There is no run {run_id}: `postroad run list` shows all.")
    fault = app.relays.fault_for_person(RelayId(head.relay_id)) if head.relay_fault else ""
    return Watched(head, app.runs.progress(head), fault)


def until_prepared(
    app: "App", run_id: RunId, console: Console, stopping: threading.Event
) -> Watched:
    """The dry run: until every mail is prepared, or the run cannot go on."""
    return _follow(app, run_id, console, stopping, lambda seen: seen.head.state in _BEFORE_READY)


def until_ended(app: "App", run_id: RunId, console: Console, stopping: threading.Event) -> Watched:
    """Until nothing is left to send, or it goes on only when a person has decided."""

    def goes_on(seen: Watched) -> bool:
        return seen.head.state not in _ENDED and not seen.relay_fault

    return _follow(app, run_id, console, stopping, goes_on)


def _follow(
    app: "App",
    run_id: RunId,
    console: Console,
    stopping: threading.Event,
    goes_on: Callable[[Watched], bool],
) -> Watched:
    """Looks four times a second; ends early when told to stop, or when nobody works any more."""
    seen, alone = _first_look(app, run_id, stopping), 0.0
    with Live(shown(seen), console=console, auto_refresh=False) as live:
        while goes_on(seen) and alone < NOBODY_SECONDS and not stopping.wait(LOOK_SECONDS):
            seen = _look_again(app, seen)
            # One that waits for its time needs no worker yet.
            is_waited_for = seen.head.workers == 0 and seen.head.state is not RunState.SCHEDULED
            alone = alone + LOOK_SECONDS if is_waited_for else 0.0
            live.update(shown(seen), refresh=True)
        live.update(shown(seen), refresh=True)
    return seen


def _first_look(app: "App", run_id: RunId, stopping: threading.Event) -> Watched:
    """Waits a while for a database that is away."""
    from postroad.store.connection import DatabaseAway

    for _ in range(int(NOBODY_SECONDS / LOOK_SECONDS)):
        try:
            return look(app, run_id)
        except DatabaseAway:
            app.close()
            if stopping.wait(LOOK_SECONDS):
                break
    return look(app, run_id)


def _look_again(app: "App", seen: Watched) -> Watched:
    """What was seen last while the database is away: `up` starts it again."""
    from postroad.store.connection import DatabaseAway

    try:
        return look(app, seen.head.id)
    except DatabaseAway:
        app.close()
        away = replace(seen.head, workers=0)
        return replace(seen, head=away)


def shown(seen: Watched) -> RenderableType:
    return Group(_title(seen), _bar(seen), _legend(seen.progress.bar), _pace(seen))


def _title(seen: Watched) -> Text:
    head, progress = seen.head, seen.progress
    text = Text.assemble((f"{head.campaign} ", "bold"), f"run {head.id}  ", (head.state, "cyan"))
    if head.state is RunState.SCHEDULED and head.release_in is not None:
        text.append(f"  begins in {head.release_in:.0f} s", "yellow")
    elif head.state in (*_BEFORE_READY, RunState.READY):
        text.append(f"  {progress.done_preparing:,} of {head.recipients:,} prepared")
    else:
        text.append(f"  {progress.settled:,} of {head.recipients:,} have their outcome")
    return text


def _bar(seen: Watched) -> Text:
    """Cells by the fixed order of states; whoever exists at all gets one."""
    counts, total = seen.progress.bar, max(1, seen.progress.total)
    bar, used = Text(), 0
    for state, wording in WORDINGS.items():
        if count := counts.get(state, 0):
            cells = min(max(1, round(count * BAR_CELLS / total)), BAR_CELLS - used)
            bar.append("█" * cells, wording.style)
            used += cells
    bar.append("░" * (BAR_CELLS - used), "bright_black")
    return bar


def _legend(counts: Mapping[str, int]) -> Text:
    text = Text()
    for state, wording in WORDINGS.items():
        if count := counts.get(state, 0):
            text.append("● ", wording.style).append(f"{state} {count:,}   ")
    return text


def _pace(seen: Watched) -> Text:
    """The rate of the last seconds and what is left at it."""
    head, progress = seen.head, seen.progress
    parts: list[str] = []
    if head.state is RunState.RUNNING:
        parts.append(f"{progress.per_second:g} mails a second")
        if progress.seconds_left is not None:
            parts.append(f"about {progress.seconds_left:.0f} s left")
        if progress.retries and progress.next_retry_at is not None:
            wait = (progress.next_retry_at - head.read_at).total_seconds()
            parts.append(f"{progress.retries:,} tried again in {max(0.0, wait):.0f} s")
    if head.relay_fault:
        parts.append(f"the relay is stopped: {head.relay_fault}")
    if head.workers == 0:
        parts.append("no worker is alive yet; `postroad up` starts them")
    if head.state is RunState.HELD:
        parts.append(f"held: {head.reason}")
    return Text(" · ".join(parts), "yellow" if head.relay_fault or not head.workers else "dim")


def outcomes(seen: Watched) -> Table:
    """State by state: how many, what it means, what to do."""
    table = Table(title="What became of everybody", title_justify="left", title_style="bold")
    table.add_column("state")
    table.add_column("people", justify="right")
    table.add_column("what it means")
    table.add_column("next step")
    for state, wording in WORDINGS.items():
        if count := seen.progress.counts.get(state, 0):
            name = Text(state, wording.style)
            table.add_row(name, f"{count:,}", wording.meaning, wording.next)
    return table


def sum_line(seen: Watched) -> Text:
    """The promise, in numbers."""
    recipients, total = seen.head.recipients, seen.progress.total
    if seen.adds_up:
        return Text(f"Adds up: {recipients:,} recipients = {total:,} in all states.", "green")
    return Text(
        f"Does not add up: {recipients:,} recipients, {total:,} in all states. "
        "Run `postroad doctor` and keep the journal.",
        "bold red",
    )


def as_plain(seen: Watched) -> dict[str, object]:
    """A run for --json."""
    head, progress = seen.head, seen.progress
    return {
        "run": head.id,
        "campaign": head.campaign,
        "campaign_id": head.campaign_id,
        "number": head.number,
        "state": head.state,
        "reason": head.reason,
        "recipients": head.recipients,
        "counts": dict(progress.counts),
        "sending": progress.sending,
        "difference": progress.difference,
        "adds_up": seen.adds_up,
        "wants_person": seen.wants_person,
        "release_at": _iso(head.release_at),
        "started_at": _iso(head.started_at),
        "finished_at": _iso(head.finished_at),
        "relay": head.relay,
        "is_sandbox": head.is_sandbox,
        "relay_fault": head.relay_fault,
        "workers": head.workers,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
