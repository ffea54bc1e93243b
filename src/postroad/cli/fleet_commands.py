"""The commands of a fleet: each process of it, and what makes hosts agree."""

import json
from typing import Annotated

import typer

from postroad.cli.starting import Refusal, find_database, opened, read_settings

AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def work(
    stages: Annotated[
        str, typer.Option(help="Which stages, comma-separated.")
    ] = "select,prepare,dispatch",
    least: Annotated[
        int | None, typer.Option("--min", min=1, max=256, help="Keep so many, when all is quiet.")
    ] = None,
    most: Annotated[
        int | None, typer.Option("--max", min=1, max=256, help="Grow to so many while work waits.")
    ] = None,
) -> None:
    """Run one worker until it is told to stop; then it drains. With --min or --max: several."""
    from postroad.cli.work import work as run_work
    from postroad.cli.work_pool import work_between

    chosen = _chosen(stages)
    if least is None and most is None:
        raise typer.Exit(run_work(read_settings(), chosen))
    fewest = least or 1
    if most is not None and most < fewest:
        raise Refusal(f"--max {most} is below --min {fewest}: let it be that or more.")
    raise typer.Exit(work_between(read_settings(), chosen, fewest, most or fewest))


def _chosen(stages: str) -> tuple[str, ...]:
    from postroad.cli.work import STAGES

    chosen = tuple(stage.strip() for stage in stages.split(",") if stage.strip())
    unknown = [stage for stage in chosen if stage not in STAGES]
    if unknown or not chosen:
        raise Refusal(
            f"There is no stage {', '.join(unknown) or 'named'}: use {', '.join(STAGES)}."
        )
    return chosen


def serve() -> None:
    """Run the console and the public pages until told to stop."""
    from postroad.cli.joining import ToldToStop, join_as_web
    from postroad.logs import set_up_log
    from postroad.web.serve import ServeRefused
    from postroad.web.serve import serve as run_serve

    settings = read_settings()
    set_up_log(settings)
    dsn = find_database(settings)
    try:
        join_as_web(settings, dsn)
        run_serve(settings, dsn)
    except ToldToStop:
        return
    except ServeRefused as refused:
        raise Refusal(str(refused)) from None


def migrate(*, as_json: AsJson = False) -> None:
    """Bring the database's schema up to this version. Workers and console wait for it."""
    from postroad.cli.starting import migrate as bring_up
    from postroad.cli.starting import using_database
    from postroad.web.django_settings import configure

    settings = read_settings()
    with using_database(settings) as dsn:
        configure(settings, dsn)
        has_changed = bring_up(dsn)
    if as_json:
        typer.echo(json.dumps({"has_changed": has_changed}))
    else:
        typer.echo("The schema is up to date now." if has_changed else "Nothing was to do.")


def workers(*, as_json: AsJson = False) -> None:
    """List the workers of all hosts."""
    from postroad.cli.workers import tell

    with opened(read_settings()) as app:
        tell(app.workers.all(), as_json=as_json)


def password() -> None:
    """Set the manager's password: asked for, or the first line of standard input."""
    from postroad.cli.password import set_password

    with opened(read_settings()) as app:
        set_password(app)
    typer.echo("Password set. Sessions that were open have ended.")


def key(
    *,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Make it the key: what another encrypted is lost.")
    ] = False,
) -> None:
    """Say whether this host has the key that the database's secrets were encrypted with."""
    from postroad.cli.joining import require_key
    from postroad.store.fleet import adopt_key
    from postroad.store.secrets import BadKey, key_of

    settings = read_settings()
    dsn = find_database(settings)
    try:
        mine = key_of(settings)
    except BadKey as fault:
        raise Refusal(str(fault)) from None
    if adopt:
        adopt_key(dsn, mine)
    require_key(settings, dsn)
    typer.echo(f"{settings.key_file} is the key of this database.")
