"""The dry run's report, read from the bytes that would be sent."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils.html import escape
from django.views.decorators.http import require_GET

from postroad.app import RunHead
from postroad.core.greeting import greeting_of
from postroad.core.ids import RunId
from postroad.web.console.request import Request
from postroad.web.console.respond import attachment, page, preview

from .pages import head_context, run_or_404
from .sizes import histogram

_SOURCE_SHOWN: Final = 100_000
"""Octets of a source that a page shows; the rest is in the file."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One mail as its reader meets it. `sha256` in hex, its first 12 digits."""

    n: int
    address: str
    name: str
    subject: str
    greeting: str
    size: int
    sha256: str


@require_GET
def report(request: Request, run_id: int) -> HttpResponse:
    run = run_or_404(request, run_id)
    if run.is_preparing:
        raise Http404
    found = request.app.runs.report(run.id)
    moving = request.app.runs.progress(run)
    samples = read_lines(request, run.id, request.app.runs.sample_numbers(run.recipients))
    context: dict[str, Any] = {
        **head_context(run),
        "tab": "report",
        "moving": moving,
        "report": found,
        "outcome": moving.preparation,
        "samples": samples,
        "sizes": histogram(found.sizes),
        "prepare_seconds": _seconds(run),
    }
    return page(request, "run/report.html", context)


@require_GET
def greetings(request: Request, run_id: int) -> HttpResponse:
    """The first line of every mail, to skim."""
    run = run_or_404(request, run_id)
    after = number_of(request, "after")
    numbers = request.app.runs.prepared_numbers(run.id, after, 51)
    more = numbers[49] if len(numbers) > 50 else None
    lines = read_lines(request, run.id, numbers[:50])
    context = {
        **head_context(run),
        "tab": "report",
        "lines": lines,
        "pager": pager(after, lines[0].n if lines else 0, lines[-1].n if lines else 0, more, ""),
    }
    return page(request, "run/greetings.html", context)


@require_GET
def mail(request: Request, run_id: int, n: int) -> HttpResponse:
    """One mail: what its reader sees, and its exact bytes."""
    run = run_or_404(request, run_id)
    kept = request.app.runs.kept_mails(run.id, [n])
    source = request.app.mails.source(run.id, n)
    if not kept or source is None:
        raise Http404
    before, after = request.app.runs.neighbours(run.id, n)
    context = {
        **head_context(run),
        "tab": "report",
        "kept": kept[0],
        "mail": request.app.mails.read(source),
        "sha256": kept[0].sha256.hex(),
        "source": source[:_SOURCE_SHOWN].decode("utf-8", "replace"),
        "is_cut": len(source) > _SOURCE_SHOWN,
        "before": before,
        "after": after,
    }
    return page(request, "run/mail.html", context)


@require_GET
def mail_html(request: Request, run_id: int, n: int) -> HttpResponse:
    """For the sandboxed frame only."""
    read = request.app.mails.read(_source(request, run_id, n))
    return preview(read.html or _as_html(read.text))


@require_GET
def mail_source(request: Request, run_id: int, n: int) -> HttpResponse:
    """The exact octets as a file."""
    source = _source(request, run_id, n)
    return attachment(source, f"run-{run_id}-{n}.eml", "message/rfc822")


def _source(request: Request, run_id: int, n: int) -> bytes:
    source = request.app.mails.source(RunId(run_id), n)
    if source is None:
        raise Http404
    return source


def _as_html(text: str) -> str:
    return f"<!doctype html><meta charset=utf-8><pre style='white-space:pre-wrap'>{escape(text)}"


def read_lines(request: Request, run_id: RunId, numbers: tuple[int, ...]) -> list[ReadLine]:
    """Read back from the kept heads: the attachments' octets add nothing to a line."""
    lines = []
    for kept in request.app.runs.kept_mails(run_id, numbers):
        read = request.app.mails.read(kept.head)
        sha256 = kept.sha256.hex()[:12]
        lines.append(
            ReadLine(
                kept.n,
                kept.address,
                kept.name,
                read.subject,
                greeting_of(read.text),
                kept.size,
                sha256,
            )
        )
    return lines


def number_of(request: Request, name: str) -> int:
    """A number from the address, 0 for anything else."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def pager(after: int, first: int, last: int, more: int | None, query: str) -> dict[str, str]:
    """For shell/_pager.html: forward by number; back is to the beginning."""
    words = f"Number {first:,} to {last:,}" if last else "Nobody here"
    return {
        "words": words,
        "next": f"?after={more}{query}" if more is not None else "",
        "previous": f"?after=0{query}" if after else "",
    }


def _seconds(run: RunHead) -> float | None:
    if run.selected_at is None or run.ready_at is None:
        return None
    return (run.ready_at - run.selected_at).total_seconds()
