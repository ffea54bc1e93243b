"""The dry run's report on a terminal: numbers, failures with their people, sample greetings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from postroad.cli.following import Watched
from postroad.core.greeting import greeting_of
from postroad.core.revision import NewFile

if TYPE_CHECKING:
    from postroad.app import App

SAMPLES = 5
_LEFT_OUT = {
    "no_address": "have no address",
    "duplicate": "are in it twice",
    "suppressed": "are on the suppression list",
}


@dataclass(frozen=True, slots=True)
class Sample:
    to: str
    subject: str
    greeting: str
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """`failures`: cause, count, and at most 20 people each. `left_out` by reason."""

    failures: list[dict[str, object]]
    left_out: Mapping[str, int]
    samples: Sequence[Sample]

    @property
    def has_nobody_to_write_to(self) -> bool:
        """Whether somebody was asked for and has no address."""
        return self.left_out.get("no_address", 0) > 0


def read_report(app: "App", ready: Watched) -> Report:
    run_id = ready.head.id
    found = app.runs.report(run_id)
    failures: list[dict[str, object]] = [
        {
            "cause": cause.cause,
            "count": cause.count,
            "people": [f"{one.name} <{one.address}>".strip() for one in cause.people],
            "text": cause.people[0].text if cause.people else "",
        }
        for cause in found.causes
    ]
    numbers = app.runs.sample_numbers(ready.head.recipients, SAMPLES)
    samples = []
    for kept in app.runs.kept_mails(run_id, numbers):
        # The text parts lie in front of the attachments, which are not needed here.
        read = app.mails.read(kept.head)
        to = f"{kept.name} <{kept.address}>" if kept.name else kept.address
        samples.append(Sample(to, read.subject, greeting_of(read.text), kept.size))
    return Report(failures, found.omissions, samples)


def show_report(console: Console, ready: Watched, report: Report, files: Sequence[NewFile]) -> None:
    head, progress = ready.head, ready.progress
    console.print(f"[bold]Prepared: {progress.prepared:,} of {head.recipients:,}.[/]")
    way = "the sandbox, nothing leaves this machine" if head.is_sandbox else head.relay
    console.print(f"From {escape(head.sender)} through {escape(way)}", highlight=False)
    for file in files:
        console.print(f"Attached: {escape(file.name)}, {file.size:,} octets", highlight=False)
    for reason, count in report.left_out.items():
        console.print(f"[yellow]{count:,} {_LEFT_OUT.get(reason, reason)}[/] and get no mail")
    for failure in report.failures:
        console.print(f"[red]{failure['count']} failed: {escape(str(failure['cause']))}[/]")
        people = failure["people"]
        assert isinstance(people, list)  # noqa: S101 - read_report made it.
        console.print(f"  {escape(', '.join(people))}", highlight=False)
        console.print(f"  {escape(str(failure['text']))}", highlight=False)
    if report.samples:
        console.print(_samples(report.samples))


def _samples(samples: Sequence[Sample]) -> Table:
    table = Table(title="Some of them", title_justify="left", title_style="bold")
    for name in ("to", "subject", "begins with"):
        table.add_column(name)
    table.add_column("octets", justify="right")
    for one in samples:
        table.add_row(escape(one.to), escape(one.subject), escape(one.greeting), f"{one.size:,}")
    return table
