"""`postroad queue …` and `postroad stop --everything`: the queues shown, purged, ended."""

import json
import threading
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from postroad.cli.asking import ask, can_ask, says_yes
from postroad.cli.starting import Refusal, opened, read_settings
from postroad.core.queue import (
    EverythingStopped,
    PurgeOutcome,
    QueuePurged,
    QueueStage,
    StopEverythingOutcome,
)

ACTOR = "manager"
queues = typer.Typer(help="The prepare and dispatch queues: list, purge.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
_COLUMNS = ("stage", "lane", "waiting", "due", "rung", "owned", "in SMTP", "next due")


@queues.command("list")
def list_queues(*, as_json: AsJson = False) -> None:
    """What waits and what workers hold, by stage and lane; counted each second by a worker."""
    with opened(read_settings()) as app:
        found = app.queues.figures()
    if as_json:
        told = {
            "age_seconds": found.age_seconds,
            "queues": [asdict(figure) for figure in found.figures],
        }
        typer.echo(json.dumps(told, default=lambda at: at.isoformat()))
        return
    table = Table(*_COLUMNS)
    for each in found.figures:
        due = f"{each.next_due_at:%H:%M:%S}" if each.next_due_at else ""
        figures = (each.waiting_mails, each.due_mails, each.rung_batches, each.owned_mails)
        numbers = [f"{figure:,}" for figure in (*figures, each.sending)]
        table.add_row(each.stage, each.lane, *numbers, due)
    Console().print(table if found.figures else "Both queues are empty.")


@queues.command()
def purge(
    stage: Annotated[QueueStage, typer.Argument(help="Which queue.")],
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End what waits in a queue or is held and not begun, over all live runs; these go on."""
    with opened(read_settings()) as app:
        if not yes:
            waits = app.queues.waiting(stage)
            _agree(
                f"Purge the {stage} queue: {waits.mails:,} mails in {waits.batches:,} batches and "
                f"{waits.held:,} that workers hold, of {waits.runs:,} runs, for good? "
                f"{waits.sending:,} in SMTP still get their reply."
            )
        outcome = app.queues.purge(stage, ACTOR)
    _tell(outcome, outcome.text, as_json=as_json)


def stop(
    *,
    everything: Annotated[
        bool, typer.Option("--everything", help="Every live run; said, so that it is meant.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End every live run for good and purge all that waits; one run: `postroad run stop`."""
    if not everything:
        raise Refusal("Say what to stop: `postroad stop --everything`, or `postroad run stop RUN`.")
    with opened(read_settings()) as app:
        if not yes:
            live = app.queues.live()
            _agree(
                f"Stop {live.runs:,} live runs and purge {live.waiting:,} mails that wait, for "
                f"good? {live.sending:,} in SMTP still get their reply."
            )
        outcome = app.queues.stop_everything(ACTOR)
    _tell(outcome, outcome.text, as_json=as_json)


def _agree(question: str) -> None:
    if not can_ask():
        raise Refusal("There is nobody to ask whether it is meant: add --yes.")
    if not says_yes(ask(Console(stderr=True), f"{question} \\[y/N]", threading.Event())):
        raise Refusal("Nothing was changed.")


def _tell(outcome: PurgeOutcome | StopEverythingOutcome, text: str, *, as_json: bool) -> None:
    if not as_json:
        typer.echo(text)
        return
    did = isinstance(outcome, QueuePurged | EverythingStopped)
    typer.echo(json.dumps({"changed": did, **asdict(outcome), "text": text}))
