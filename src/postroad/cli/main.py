"""`postroad`: the commands, each told in one line here and done in a module of its own."""

import json
from typing import Annotated, NoReturn

import typer

from postroad import __version__
from postroad.cli import backup_commands, fleet_commands
from postroad.cli.queue_commands import queues
from postroad.cli.queue_commands import stop as stop_everything
from postroad.cli.run_commands import runs
from postroad.cli.send_command import send
from postroad.cli.source_commands import sources
from postroad.cli.starting import (
    Refusal,
    find_database,
    read_settings,
    tell_and_exit,
)

app = typer.Typer(
    name="postroad",
    help="An e-mail campaign manager whose totals always add up.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def main() -> NoReturn:
    """The program. A refusal is one line on stderr and exit code 1."""
    try:
        app()
    except Refusal as refusal:
        raise SystemExit(tell_and_exit(refusal).exit_code) from None
    raise SystemExit(0)


@app.command()
def up(*, as_json: AsJson = False) -> None:
    """Run everything on this machine: database, console, workers, sandbox inbox."""
    from postroad.cli.up import Up
    from postroad.cli.up import up as run_up

    def tell(state: Up) -> None:
        if as_json:
            told = {"url": state.url, "link": state.link, "is_new": state.is_new}
            typer.echo(json.dumps(told | {"resting": state.resting()}))
            return
        if not state.is_new:
            typer.echo("Postroad runs already.")
        typer.echo(f"Console  {state.url}")
        typer.echo(f"Sign in  {state.link}")
        typer.echo("         The link works once, within 24 hours; `postroad link` makes another.")
        if resting := state.resting():
            typer.echo(f"Resting  {', '.join(resting)}: drained by the manager.")
            typer.echo("         `Let it work again` on the workers page ends that.")
        if state.is_new:
            typer.echo("Ctrl-C stops it. Nothing leaves this machine until you add a relay.")

    raise typer.Exit(run_up(read_settings(), tell))


@app.command()
def down(
    *,
    database: Annotated[bool, typer.Option(help="Stop the embedded database too.")] = True,
    as_json: AsJson = False,
) -> None:
    """Stop what runs on this machine, after mails in flight are answered."""
    from postroad.cli.up import down as run_down

    was_up = run_down(read_settings(), with_database=database)
    if as_json:
        typer.echo(json.dumps({"was_up": was_up}))
    else:
        typer.echo("Stopped." if was_up else "Nothing was running.")


@app.command()
def link(*, as_json: AsJson = False) -> None:
    """Make a fresh one-time link that signs a browser in."""
    from postroad.cli import supervise_state
    from postroad.cli.up import console_url, make_link

    settings = read_settings()
    state = supervise_state.running_state(settings.home)
    url = state.url if state and state.url else console_url(settings)
    made = make_link(settings, find_database(settings), url)
    typer.echo(json.dumps({"link": made}) if as_json else made)


app.command()(fleet_commands.work)
app.command()(fleet_commands.serve)
app.command()(fleet_commands.migrate)
app.command()(fleet_commands.workers)
app.command()(fleet_commands.password)
app.command()(fleet_commands.key)
app.command()(backup_commands.backup)
app.command()(backup_commands.restore)


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End when the run has ended: 0 when it adds up.")
    ] = False,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port of the console.")] = None,
) -> None:
    """See one campaign to 200 invented people, in a sandbox, from end to end."""
    from rich.console import Console

    from postroad.cli.demo.play import demo as play_demo

    code = play_demo(read_settings(), Console(), is_once=once, port=port)
    raise typer.Exit(code)


app.command()(send)


@app.command()
def doctor(*, as_json: AsJson = False) -> None:
    """Look at home, database, workers and relays, and say what to do."""
    from postroad.cli.doctor import doctor as run_doctor

    raise typer.Exit(run_doctor(read_settings(), as_json=as_json))


app.add_typer(runs, name="run")
app.add_typer(queues, name="queue")
app.add_typer(sources, name="source")
app.command("stop")(stop_everything)


@app.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(__version__)
