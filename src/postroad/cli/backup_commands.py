"""`postroad backup` and `postroad restore`."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from postroad.cli.asking import ask, can_ask, says_yes
from postroad.cli.starting import Refusal, read_settings, telling_when_away, using_database
from postroad.cli.supervise_state import is_up
from postroad.settings import Settings

if TYPE_CHECKING:
    from postroad.store.backup import Restored

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Where to; a file that is there is replaced.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Write the whole database to one file, while everything goes on."""
    from postroad.store.backup import BackupFault, dump

    settings = read_settings()
    with using_database(settings) as dsn, telling_when_away(), _told() as tell:
        try:
            made = dump(dsn, file, _shelf(settings), tell)
        except BackupFault as fault:
            raise Refusal(str(fault)) from None
    if as_json:
        told = {"file": str(made.file), "octets": made.octets, "tables": made.tables}
        typer.echo(json.dumps(told | {"key_file": str(settings.key_file)}))
        return
    typer.echo(f"{made.file}: {made.tables} tables, {_megabytes(made.octets)}.")
    typer.echo(
        f"Passwords in it are encrypted with {settings.key_file}, which is not in it: "
        "keep a copy of that in another place."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `postroad backup` made.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is there.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in place. Live runs are held: nothing is sent until a person says so."""
    from postroad.store.backup import BackupFault
    from postroad.store.backup import restore as put_back

    settings = read_settings()
    if is_up(settings.home):
        raise Refusal("Postroad runs on this machine: `postroad down`, then restore.")
    if replace and not yes:
        _agree("Replace all that the database holds, for good?")
    with using_database(settings) as dsn, telling_when_away():
        try:
            with _told() as tell:
                done = put_back(dsn, file, _shelf(settings), tell, replaces=replace)
        except BackupFault as fault:
            raise Refusal(str(fault)) from None
        has_key = _has_key(settings, dsn)
    if as_json:
        told = {"made_at": done.made_at, "tables": done.tables, "held_runs": done.held}
        typer.echo(json.dumps(told | {"has_key": has_key}))
    else:
        _tell_restored(done, settings, has_key=has_key)


def _tell_restored(done: "Restored", settings: Settings, *, has_key: bool) -> None:
    typer.echo(f"Restored from the backup of {done.made_at}: {done.tables} tables.")
    typer.echo("What was done since is not in it: mails sent, people who unsubscribed.")
    if done.held:
        typer.echo(
            f"Held: {done.held} live runs. Some of their mails may have gone out since; look at "
            "each, then `postroad run resume RUN` or `postroad run stop RUN`."
        )
    if not has_key:
        typer.echo(
            f"Its passwords were encrypted with another key than {settings.key_file}. Put the "
            "key file of that time there before you start Postroad, or enter them again."
        )


def _agree(question: str) -> None:
    if not can_ask():
        raise Refusal("There is nobody to ask whether it is meant: add --yes.")
    if not says_yes(ask(Console(stderr=True), f"{question} \\[y/N]", threading.Event())):
        raise Refusal("Nothing was changed.")


def _shelf(settings: Settings) -> Path:
    return settings.home / "postgres" / "binaries"


def _has_key(settings: Settings, dsn: str) -> bool:
    """A missing key is not made here: it would be taken for the right one."""
    from postroad.store.fleet import has_key_of
    from postroad.store.secrets import BadKey, load_key

    try:
        key = load_key(settings.key_file, makes=False)
    except BadKey:
        key = None
    return has_key_of(dsn, key)


@dataclass(slots=True)
class _Line:
    """One line on a terminal that is written over; nothing elsewhere."""

    is_shown: bool
    tables: int = 0

    def tell(self, table: str, octets: int) -> None:
        self.tables += 1
        if self.is_shown:
            text = f"{self.tables} tables, {_megabytes(octets)}: {table}"
            sys.stderr.write(f"\r\x1b[K{text[:78]}")
            sys.stderr.flush()


@contextmanager
def _told() -> Iterator[Callable[[str, int], None]]:
    line = _Line(sys.stderr.isatty())
    try:
        yield line.tell
    finally:
        if line.is_shown and line.tables:
            sys.stderr.write("\r\x1b[K")


def _megabytes(octets: int) -> str:
    return f"{octets / 1_000_000:,.1f} MB"
