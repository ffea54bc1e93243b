"""`postroad run …`: a run shown, launched, paused, resumed, stopped, exported."""

import json
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from postroad.cli import wording
from postroad.cli.asking import ask, can_ask, says_yes
from postroad.cli.following import Watched, as_plain, look, outcomes, sum_line
from postroad.cli.run_export import export as write_export
from postroad.cli.send_order import read_when
from postroad.cli.starting import Refusal, opened, read_settings
from postroad.core.ids import RunId
from postroad.core.launching import must_type, typed_number
from postroad.core.running import (
    AlreadySo,
    BadTime,
    Done,
    Launched,
    NotPossible,
    Stopped,
)

if TYPE_CHECKING:
    from postroad.app import App

ACTOR = "manager"
runs = typer.Typer(help="One run: show, launch, pause, resume, stop, export; list all.")
Number = Annotated[int, typer.Argument(help="The run's number, as `run list` shows it.", min=1)]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]


@runs.command("list")
def list_runs(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The runs, newest first."""
    with opened(read_settings()) as app:
        found = app.runs.list(limit)
    if as_json:
        rows = [
            {"run": run.id, "campaign": run.campaign, "state": run.state}
            | {"recipients": run.recipients, "counts": dict(run.counts)}
            | {"created_at": run.created_at.isoformat(), "reason": run.reason}
            for run in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    table = Table()
    for name in ("run", "campaign", "state", "recipients", "states"):
        table.add_column(name, justify="right" if name in ("run", "recipients") else "left")
    for run in found:
        states = ", ".join(f"{state} {count:,}" for state, count in run.counts.items())
        table.add_row(str(run.id), run.campaign, run.state, f"{run.recipients:,}", states)
    Console().print(table if found else "There is no run yet: `postroad demo` makes one.")


@runs.command()
def show(run: Number, *, as_json: AsJson = False) -> None:
    """Its state, and how many recipients are in each state."""
    with opened(read_settings()) as app:
        _print(look(app, RunId(run)), as_json=as_json)


def _print(seen: Watched, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(as_plain(seen), ensure_ascii=False))
        return
    console = Console()
    head = seen.head
    console.print(f"[bold]{head.campaign}[/] run {head.id}: [cyan]{head.state}[/] {head.reason}")
    if head.relay_fault:
        console.print(f"[yellow]The relay is stopped: {head.relay_fault}[/]")
    console.print(outcomes(seen))
    console.print(sum_line(seen))


@runs.command()
def launch(
    run: Number,
    *,
    at: Annotated[str, typer.Option(help="'2026-12-01 09:00'; at once by default.")] = "",
    zone: Annotated[str, typer.Option(help="Whose clocks --at means.")] = "UTC",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Release a verified run, at once or at a time in a zone; this cannot be undone."""
    when = read_when(at, zone)
    with opened(read_settings()) as app:
        mails = look(app, RunId(run)).progress.prepared
        typed = mails if yes else _agreed(mails)
        outcome = app.runs.launch(RunId(run), when, typed, ACTOR, undo_seconds=0)
        match outcome:
            case Launched():
                _say(app, run, f"{wording.mails(outcome.mails)} launched. {outcome.note}", as_json)
            case BadTime(faults):
                raise Refusal("; ".join(faults.values()))
            case _ if hasattr(outcome, "text"):
                raise Refusal(outcome.text)
            case other:
                raise Refusal(f"The run is {other.state} already: `postroad run show {run}`.")


def _agreed(mails: int) -> int:
    if not can_ask():
        raise Refusal("There is nobody to ask whether to launch: add --yes.")
    console, never = Console(stderr=True), threading.Event()
    if must_type(mails):
        agrees = typed_number(ask(console, f"Type {mails:,} to send them:", never)) == mails
    else:
        agrees = says_yes(ask(console, f"Send {wording.mails(mails)}? \\[y/N]", never))
    if not agrees:
        raise Refusal("Nothing was launched.")
    return mails


@runs.command()
def pause(run: Number, *, as_json: AsJson = False) -> None:
    """Begin no further mail; those in SMTP get their reply."""
    with opened(read_settings()) as app:
        _act(app, run, app.runs.pause(RunId(run), ACTOR), as_json)


@runs.command()
def resume(run: Number, *, as_json: AsJson = False) -> None:
    """Let a paused or held run go on where it was."""
    with opened(read_settings()) as app:
        _act(app, run, app.runs.resume(RunId(run), ACTOR), as_json)


@runs.command()
def stop(run: Number, *, yes: Yes = False, as_json: AsJson = False) -> None:
    """End a run for good: what waits is purged."""
    with opened(read_settings()) as app:
        seen = look(app, RunId(run))
        if not yes and seen.head.can_stop:
            _agree_to_stop(seen)
        outcome = app.runs.stop(RunId(run), ACTOR)
        if isinstance(outcome, Stopped):
            text = f"Stopped: {outcome.purged:,} purged, {outcome.in_flight:,} still in SMTP."
            _say(app, run, text, as_json)
            return
        _act(app, run, outcome, as_json)


def _agree_to_stop(seen: Watched) -> None:
    if not can_ask():
        raise Refusal("There is nobody to ask whether to stop: add --yes.")
    question = f"Stop and purge {wording.mails(seen.progress.waiting)} that wait, for good? \\[y/N]"
    if not says_yes(ask(Console(stderr=True), question, threading.Event())):
        raise Refusal("Nothing was stopped.")


def _act(app: "App", run: int, outcome: object, as_json: bool) -> None:
    match outcome:
        case Done(state):
            _say(app, run, f"The run is {state} now.", as_json)
        case AlreadySo(state):
            _say(app, run, f"The run is {state} already.", as_json)
        case NotPossible(text=text):
            raise Refusal(text)
        case _:
            raise Refusal(f"There is no run {run}: `postroad run list` shows all.")


def _say(app: "App", run: int, text: str, as_json: bool) -> None:
    seen = look(app, RunId(run))
    if as_json:
        typer.echo(json.dumps(as_plain(seen), ensure_ascii=False))
        return
    typer.echo(text.strip())
    if seen.head.workers == 0 and seen.head.state.is_live:
        typer.echo("No worker is alive: mails go out while `postroad up` runs.")


@runs.command()
def export(
    run: Number,
    *,
    form: Annotated[
        Literal["csv", "jsonl"], typer.Option("--format", help="CSV or JSON lines.")
    ] = "csv",
    output: Annotated[Path | None, typer.Option(help="A file; standard output otherwise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As --format jsonl.")] = False,
) -> None:
    """Every delivery with number, address, state, attempt and Message-ID."""
    with opened(read_settings()) as app:
        look(app, RunId(run))
        try:
            rows = app.runs.deliveries(RunId(run))
            count = write_export(rows, "jsonl" if as_json else form, output)
            sys.stdout.flush()
        except BrokenPipeError:
            # The reader had enough, as `head` does; nothing more may be said to it.
            sys.stdout = sys.stderr
            return
    if output is not None:
        typer.echo(f"{count:,} deliveries are in {output}.", err=True)
