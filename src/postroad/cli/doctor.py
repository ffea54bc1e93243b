"""`postroad doctor`: what is well, what is not, and what to do about it."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import typer
from rich.console import Console
from rich.markup import escape

from postroad.settings import Settings

Level = Literal["ok", "warn", "bad"]
_MARK = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "bad": "[red]bad [/]"}


@dataclass(frozen=True, slots=True)
class Check:
    """One line. `text` ends with what to do where it is not ok."""

    name: str
    level: Level
    text: str


def doctor(settings: Settings, *, as_json: bool) -> int:
    """The exit code: 1 when anything is bad. Starts and changes nothing."""
    checks = list(_checks(settings))
    if as_json:
        is_well = all(check.level != "bad" for check in checks)
        whole = {"is_well": is_well, "checks": [asdict(check) for check in checks]}
        typer.echo(json.dumps(whole, ensure_ascii=False))
    else:
        console = Console()
        for check in checks:
            line = f"{_MARK[check.level]} [bold]{check.name:<10}[/] {escape(check.text)}"
            console.print(line, highlight=False)
    return int(any(check.level == "bad" for check in checks))


def _checks(settings: Settings) -> Iterator[Check]:
    from postroad.cli import doctor_live, doctor_machine

    yield from doctor_machine.home_checks(settings)
    database, dsn = doctor_machine.database_check(settings)
    yield doctor_machine.key_check(settings, has_database=bool(dsn))
    yield doctor_machine.port_check(settings)
    yield database
    # Without its key the product would make a new one: that is not for a look to do.
    if dsn and settings.key_file.exists():
        yield from doctor_live.checks(settings, dsn)
