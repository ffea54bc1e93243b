"""The options of `postroad send`, and the order they make."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from postroad.cli.asking import can_ask
from postroad.cli.starting import Refusal, read_settings

if TYPE_CHECKING:
    from postroad.cli.send_order import Order

Letter = Annotated[Path, typer.Argument(help="The letter: .md, .html or .txt.")]
To = Annotated[str, typer.Option(help="A CSV file, or 'Name <a@example.org>, b@example.org'.")]
Subject = Annotated[str, typer.Option(help="May use variables as the letter does.")]
From = Annotated[
    str, typer.Option("--from", help="'Name <address>'; as set in the console by default.")
]
ReplyTo = Annotated[str, typer.Option(help="Where answers go, if not to the sender.")]
Attach = Annotated[list[Path] | None, typer.Option(help="A file for everybody; may be repeated.")]
Default = Annotated[
    list[str] | None, typer.Option(help="NAME=TEXT for people who lack that variable.")
]
Relay = Annotated[
    str,
    typer.Option(
        help="smtp://user@host:587 or smtps://user@host:465; the default relay otherwise. "
        "The password is best kept in POSTROAD_RELAY_PASSWORD."
    ),
]
Bulk = Annotated[
    bool, typer.Option("--bulk", help="To more than 500 people, with one-click unsubscribe.")
]
PostalAddress = Annotated[str, typer.Option(help="Of the sender, for bulk mail.")]
At = Annotated[str, typer.Option(help="'2026-12-01 09:00'; at once by default.")]
Zone = Annotated[str, typer.Option(help="Whose clocks --at means.")]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def send(  # noqa: PLR0913 - options of a command line are named, never counted.
    letter: Letter,
    *,
    to: To,
    subject: Subject,
    sender: From = "",
    reply_to: ReplyTo = "",
    attach: Attach = None,
    default: Default = None,
    relay: Relay = "",
    bulk: Bulk = False,
    postal_address: PostalAddress = "",
    at: At = "",
    zone: Zone = "UTC",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send a letter to some people: verify, ask, launch, follow.

    Ends with 0 when every mail was accepted, 3 when something waits for a
    person, 1 when it was refused.
    """
    from postroad.cli import send_order as read

    name, address = read.read_mailbox(sender)
    order = read.Order(
        read.read_source(letter), letter.name, subject, read.read_people(to),
        files=tuple(read.read_file(path) for path in attach or ()),
        sender_name=name, sender_address=address, reply_to=reply_to,
        # Taken out of the environment, which workers inherit.
        relay=read.read_relay(relay, os.environ.pop("POSTROAD_RELAY_PASSWORD", None)),
        defaults=read.read_defaults(default or ()), when=read.read_when(at, zone),
        is_bulk=bulk, postal_address=postal_address, is_agreed=yes,
    )  # fmt: skip
    _carry_out(order, as_json=as_json)


def _carry_out(order: "Order", *, as_json: bool) -> NoReturn:
    """What people read goes to stderr when a program reads stdout."""
    from rich.console import Console

    from postroad.cli.send import Sending
    from postroad.cli.up import during

    if not order.is_agreed and not can_ask():
        raise Refusal("There is nobody to ask whether to send: add --yes.")
    settings = read_settings()
    sending = Sending(settings, order, Console(stderr=as_json))
    code = during(settings, sending.tell, with_web=False)
    if as_json:
        typer.echo(json.dumps(sending.result, ensure_ascii=False))
    raise typer.Exit(code)
