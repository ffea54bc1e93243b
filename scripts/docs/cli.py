"""docs/cli.md, from the commands themselves."""

from collections.abc import Iterator

import typer
from typer.core import TyperCommand, TyperGroup

from postroad.cli.main import app
from scripts.docs.markdown import code, page, table

_INTRODUCTION = """\
An error is one sentence on standard error that ends with what to do, and exit code 1. With `--json`
the answer on standard output is JSON and nothing else. `--yes` asks nothing; without a terminal and
without it, whatever would ask refuses."""


def cli_page() -> str:
    root = typer.main.get_command(app)
    if not isinstance(root, TyperGroup):
        raise TypeError("The program has one command only: cli.md describes several.")
    blocks = list(_group(root, "postroad"))
    return page("The command line", "src/postroad/cli/", _INTRODUCTION, *blocks)


def _group(group: TyperGroup, name: str) -> Iterator[str]:
    for word, command in sorted(group.commands.items()):
        whole = f"{name} {word}"
        if isinstance(command, TyperGroup):
            yield from _group(command, whole)
        elif isinstance(command, TyperCommand):
            yield from _command(command, whole)


def _command(command: TyperCommand, name: str) -> Iterator[str]:
    context = typer.Context(command, info_name=name)
    yield f"## {name}"
    yield (command.help or "").strip()
    yield f"    {' '.join([name, *command.collect_usage_pieces(context)])}"
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [(code(term), text) for term, text in filter(None, records)]
    if rows:
        yield table(("option", "meaning"), rows)
