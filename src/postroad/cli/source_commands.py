"""`postroad source …`: customers' databases added, tested, looked at, mapped."""

import getpass
import json
import sys
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
from rich.console import Console
from rich.table import Table

from postroad.cli.asking import can_ask
from postroad.cli.starting import ATTENTION, Refusal, opened, read_settings
from postroad.core.criteria.schema import TableName
from postroad.core.saved import Gone, Refused, Saved
from postroad.core.source.connection import SCHEMA, Dialect, SourceFields, Tls
from postroad.core.source.diagnosis import Diagnosis, SourceAnswers, SourceUnfit

if TYPE_CHECKING:
    from postroad.app import App
    from postroad.store.reads.source import SourceRow

ACTOR = "manager"
ROLES = ("key", "address", "name", "first_name", "last_name", "zone", "consent")
sources = typer.Typer(
    help="Databases in which people live: add, test, refresh, map.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="The source's name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


@sources.command("list")
def list_sources(*, as_json: AsJson = False) -> None:
    """The sources by name; the built-in contacts are always there and not among them."""
    with opened(read_settings()) as app:
        found = app.sources.all()
    if as_json:
        typer.echo(json.dumps([_plain(source) for source in found], ensure_ascii=False))
        return
    table = Table("name", "kind", "where", "people in", "seen")
    for each in found:
        seen = f"{each.seen_at:%Y-%m-%d %H:%M}" if each.seen_at else "not yet"
        people = str(each.mapping.table) if each.mapping else "not mapped"
        table.add_row(each.name, each.dialect.words, _place(each), people, seen)
    Console().print(table if found else "There is no source yet: `postroad source add` makes one.")


@sources.command()
def add(
    name: Name,
    url: Annotated[
        str, typer.Argument(help="postgresql:// or mariadb://deploy-user@host:port/database.")
    ],
    *,
    run_user: Annotated[str, typer.Option(help="May only execute routines.")] = "postroad_run",
    tls: Annotated[Tls, typer.Option(help="How the connection is protected.")] = Tls.VERIFIED,
    ca_file: Annotated[str, typer.Option(help="PEM of an authority of your own.")] = "",
    schema: Annotated[str, typer.Option(help="Where routines go.")] = SCHEMA,
    timeout: Annotated[int, typer.Option(help="Seconds that a statement may take.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Keep a source; both passwords are asked for, or read from two lines of standard input."""
    where = _where(url)
    deploy_password, run_password = _passwords()
    fields = SourceFields(
        name, where.dialect, where.host, where.port, where.database, where.user, run_user,
        deploy_password, run_password, tls, ca_file, schema, timeout,
    )  # fmt: skip
    with opened(read_settings()) as app:
        match app.sources.add(fields, ACTOR):
            case Saved(number):
                _tell(
                    f"Kept. Now `postroad source test {name}`.", {"source": number}, as_json=as_json
                )
            case Refused(faults):
                raise Refusal(" ".join(faults.values()))


@sources.command("test")
def check(name: Name, *, as_json: AsJson = False) -> None:
    """Sign in with both accounts and look at their rights; nothing is written."""
    with opened(read_settings()) as app:
        outcome = app.sources.check(_named(app, name).id)
    if isinstance(outcome, Gone):
        raise Refusal(outcome.text)
    if as_json:
        typer.echo(json.dumps({"works": isinstance(outcome, SourceAnswers), **asdict(outcome)}))
    elif isinstance(outcome, SourceAnswers):
        protected = outcome.tls or "no TLS"
        typer.echo(f"{outcome.server}, {protected}; {outcome.tables:,} tables may be read.")
        _tell_diagnoses(outcome.warnings)
    else:
        _tell_diagnoses(outcome.diagnoses)
    if isinstance(outcome, SourceUnfit):
        raise typer.Exit(1)


@sources.command()
def refresh(name: Name, *, as_json: AsJson = False) -> None:
    """Look at its tables again and name what broke; exit code 3 when something did."""
    with opened(read_settings()) as app:
        outcome = app.sources.refresh(_named(app, name).id, ACTOR)
    if isinstance(outcome, Gone):
        raise Refusal(outcome.text)
    if isinstance(outcome, Diagnosis):
        raise Refusal(_sentence(outcome))
    if as_json:
        typer.echo(json.dumps(asdict(outcome), ensure_ascii=False))
    else:
        typer.echo(f"{outcome.tables:,} tables seen; {len(outcome.broke) or 'nothing'} broke.")
        for each in outcome.broke:
            also = " The mapping stands on it." if each in outcome.of_mapping else ""
            typer.echo(f"- {each.text}{also}")
    if outcome.broke:
        raise typer.Exit(ATTENTION)


@sources.command("map")
def map_people(
    name: Name,
    table: Annotated[str, typer.Argument(help="Where the people are: schema.table.")],
    *,
    take: Annotated[
        list[str] | None,
        typer.Option(help=f"ROLE=COLUMN, repeated; roles are {', '.join(ROLES)}."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say which columns of which table are what; what is not said is guessed, ROLE= is none."""
    chosen = _chosen(take or [])
    schema, _, bare = table.rpartition(".")
    with opened(read_settings()) as app:
        source = _named(app, name)
        look = app.sources.look(source.id, TableName(schema, bare))
        if isinstance(look, Diagnosis):
            raise Refusal(_sentence(look))
        if isinstance(look, Gone):
            raise Refusal(look.text)
        mapping = replace(look.guess.mapping, **chosen)
        outcome = app.sources.map(source.id, mapping, ACTOR)
    if isinstance(outcome, Refused):
        raise Refusal(" ".join((*outcome.faults.values(), *look.guess.notes)))
    if isinstance(outcome, Gone):
        raise Refusal(outcome.text)
    _tell(
        f"People are in {table}, their addresses in {mapping.address}.",
        {"mapping": asdict(mapping), "notes": look.guess.notes},
        as_json=as_json,
    )


@sources.command()
def accounts(
    name: Name,
    *,
    read: Annotated[
        list[str] | None, typer.Option(help="A schema whose tables audiences read; repeat it.")
    ] = None,
) -> None:
    """Print the SQL with which a database administrator makes both accounts."""
    with opened(read_settings()) as app:
        typer.echo(app.sources.accounts_sql(_named(app, name).id, read or ()))


def _named(app: "App", name: str) -> "SourceRow":
    found = app.sources.named(name)
    if found is None:
        raise Refusal(f"There is no source called {name!r}: `postroad source list` shows them.")
    return found


@dataclass(frozen=True, slots=True)
class _Where:
    dialect: Dialect
    user: str
    host: str
    port: int
    database: str


def _where(url: str) -> _Where:
    try:
        parts = urlsplit(url)
        dialect = Dialect(parts.scheme)
        port = parts.port or dialect.port
    except ValueError:
        raise Refusal(
            "The address is not understood: write postgresql://deploy-user@host:port/database, "
            "or mariadb://… for MariaDB and MySQL, each part percent-encoded."
        ) from None
    if parts.password is not None:
        raise Refusal(
            "A password in the address stands in the list of processes: leave it out, it is asked "
            "for, or write it to standard input."
        )
    user, database = unquote(parts.username or "postroad_deploy"), unquote(parts.path[1:])
    return _Where(dialect, user, parts.hostname or "", port, database)


def _chosen(said: list[str]) -> dict[str, Any]:
    chosen = dict(each.partition("=")[::2] for each in said)
    unknown = [role for role in chosen if role not in ROLES]
    if unknown:
        raise Refusal(f"Nothing is called {unknown[0]!r}: take one of {', '.join(ROLES)}.")
    return chosen


def _passwords() -> tuple[str, str]:
    """Never arguments: those stand in the list of processes."""
    if can_ask():
        return getpass.getpass("Deploy password: "), getpass.getpass("Run password: ")
    lines = [sys.stdin.readline().rstrip("\r\n") for _ in range(2)]
    return lines[0], lines[1]


def _tell(text: str, told: dict[str, Any], *, as_json: bool) -> None:
    typer.echo(json.dumps({**told, "text": text}, ensure_ascii=False) if as_json else text)


def _tell_diagnoses(diagnoses: tuple[Diagnosis, ...]) -> None:
    for each in diagnoses:
        typer.echo(f"- {_sentence(each)}")


def _sentence(diagnosis: Diagnosis) -> str:
    said = f" It said: {diagnosis.said}" if diagnosis.said else ""
    is_theirs = diagnosis.role and not diagnosis.is_of_the_way
    role = f"{diagnosis.role} account: ".capitalize() if is_theirs else ""
    return f"{role}{diagnosis.text}{said}"


def _place(source: "SourceRow") -> str:
    return f"{source.host}:{source.port}/{source.database}"


def _plain(source: "SourceRow") -> dict[str, Any]:
    mapping = asdict(source.mapping) if source.mapping else None
    seen_at = source.seen_at.isoformat() if source.seen_at else None
    return asdict(source) | {"mapping": mapping, "seen_at": seen_at}
