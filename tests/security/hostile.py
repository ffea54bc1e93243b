"""A product in which everything that can be named is named by an attacker.

All of it comes in as it does in life: by the console's forms, by a worker's
report of what a relay said, by a mail.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from postroad.app import App
from postroad.core.criteria.schema import Column, ForeignKey, Kind, Schema, Table, TableName
from postroad.core.criteria.schema import Mapping as Columns
from postroad.core.ids import SourceId
from postroad.engine.smtp.inbox import InboxStore, NewMail
from postroad.testing.runs import Fact, Hand

EVIL = "</title><script>run()</script>\"'><img src=x onerror=run()>{{7*7}}{% now 'Y' %}"
"""Breaks out of a text, of an attribute in either quotes, and of a template."""
QUOTED = EVIL.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True, slots=True)
class World:
    """`ids` names one existing object for each part of a path."""

    ids: Mapping[str, object]


def a_hostile_world(app: App, manager: Client) -> World:
    _name_everything(manager)
    with Hand(app.dsn) as hand:
        ids = _run_it(app, manager, hand) | _bring_files(app, manager)
    return World(ids | {"source_id": _a_source(app, manager)})


def post(manager: Client, path: str, form: Mapping[str, Any]) -> Any:
    """What must be taken."""
    answer = manager.post(path, dict(form))
    assert answer.status_code in (200, 303), (path, form, answer.content.decode())
    return answer


def _name_everything(manager: Client) -> None:
    post(manager, "/account/", {"name": EVIL})
    people = "\n".join(f'"{QUOTED} {n}" <p{n}@x.org>' for n in range(6))
    assert post(manager, "/contacts/paste/", {"text": people, "tags": EVIL}).status_code == 303
    person = {
        "address": "evil@x.org", "name": EVIL, "first_name": EVIL, "last_name": EVIL,
        "company": EVIL, "tags": EVIL, "attribute": [EVIL, "fine"], "value": [EVIL, EVIL],
    }  # fmt: skip
    answer = manager.post("/contacts/new/", person)
    if answer.status_code == 422:  # Such a name of a variable may be refused.
        person["attribute"], person["value"] = ["fine"], [EVIL]
        post(manager, "/contacts/new/", person)
    post(manager, "/suppressions/new/", {"text": "p0@x.org", "note": EVIL})
    post(manager, "/audiences/new/", {"name": EVIL, "kind": "everyone"})
    relay = {"host": "127.0.0.1", "port": "1", "tls": "none", "connections": "1"}
    post(manager, "/relays/new/", relay | {"name": EVIL, "user": EVIL, "password": "hunter2"})
    preferences = {"undo_seconds": "0", "zone": "UTC", "sender_name": EVIL}
    manager.post("/settings/", preferences | {"sender_address": "e@x.org"})


def _a_source(app: App, manager: Client) -> SourceId:
    """Whoever has the customer's database names its tables as they please."""
    from postroad.store.writes.source import keep_schema

    typed = {
        "name": EVIL, "dialect": "postgresql", "host": "127.0.0.1", "port": "1", "database": EVIL,
        "tls": "none", "deploy_user": EVIL, "deploy_password": "hunter2", "run_user": f"{EVIL}2",
        "run_password": "hunter3", "schema": "postroad", "timeout_seconds": "1",
    }  # fmt: skip
    post(manager, "/sources/new/", typed)
    source = app.sources.all()[0].id
    name = TableName(EVIL, EVIL)
    table = Table(name, (Column(EVIL, Kind.TEXT, type_words=EVIL),), (EVIL,), unique=(EVIL,))
    mail = Table(TableName(EVIL, "mail"), (Column("email", Kind.TEXT),), is_view=True)
    loop = ForeignKey(EVIL, name, (EVIL,), name, (EVIL,))
    keep_schema(source, Schema((table, mail), (loop,)), "manager")
    app.sources.map(source, Columns(name, EVIL, EVIL, EVIL, variables=(EVIL,)), "manager")
    return source


LETTER = f"<html><head></head><body><p>Dear {{{{ name }}}}</p>{EVIL.partition('{{')[0]}</body>"


def _bring_files(app: App, manager: Client) -> dict[str, object]:
    sheet = f'e-mail,name,{EVIL.replace(",", "")}\nq@x.org,"{EVIL.replace(chr(34), chr(34) * 2)}",'
    rows = f'{sheet}a\n"{EVIL.replace(chr(34), chr(34) * 2)}",x,y\n'
    file = SimpleUploadedFile(f"{EVIL}.csv".replace("/", ""), rows.encode())
    at = post(manager, "/contacts/import/", {"file": file})["Location"]
    assert b"onerror" in manager.get(at).content
    post(manager, at, {"tags": EVIL})
    with InboxStore(app.settings.inbox_file) as inbox:
        head = f"Message-ID: <{EVIL}@x>\r\nFrom: {EVIL}\r\nSubject: {EVIL}\r\n"
        body = f"Content-Type: text/html\r\n\r\n{EVIL}\r\n"
        number = inbox.add(NewMail(1.7e9, EVIL, EVIL, (head + body).encode()))
        part = (
            f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{body}--b\r\n"
            "Content-Type: text/html\r\nContent-Disposition: attachment;"
            f" filename*=utf-8''%3Cimg%20src%3Dx%20onerror%3Drun()%3E.html\r\n\r\n{EVIL}\r\n"
            "--b--\r\n"
        )
        number = inbox.add(NewMail(1.7e9, EVIL, EVIL, part.encode()))
    return {"key": at.rstrip("/").rsplit("/", 1)[-1], "number": number}


def _run_it(app: App, manager: Client, hand: Hand) -> dict[str, object]:
    campaign = _a_campaign(app, manager)
    run = int(post(manager, f"/runs/verify/{campaign}/", {})["Location"].strip("/").split("/")[1])
    hand.select()
    hand.prepare()
    hand.advance()
    post(manager, f"/runs/{run}/launch/", {"when": "now"})
    said = _answers()
    hand.dispatch(lambda n: next(said))
    hand.advance()
    relay = app.relays.all()[-1].id
    hand.ask("SELECT stop_relay(%s, NULL, %s)", relay, EVIL)
    hand.ask("SELECT slow_down_lane(%s, 'google', 1, %s)", relay, EVIL)
    worker = uuid4()
    hand.ask("SELECT beat(%s, %s, 1, %s, '{prepare}', 600, 0, 0)", worker, EVIL, EVIL)
    entry = hand.ask("SELECT max(id) AS id FROM journal")[0]["id"]
    return {
        "run_id": run, "n": 2, "campaign_id": campaign, "audience_id": 1, "content_id": 1,
        "relay_id": relay, "worker_id": worker, "entry_id": entry, "contact_id": _contact(app),
        "place": 1, "secret": "x", "lane": "google",
        "hexed": app.suppressions.page().rows[0].hash.hex(),
    }  # fmt: skip


def _a_campaign(app: App, manager: Client) -> int:
    attached = SimpleUploadedFile("<img src=x onerror=run()>.html", EVIL.encode(), "text/html")
    content = {
        "name": EVIL, "format": "html", "subject": EVIL.partition("{{")[0], "source": LETTER,
        "text_source": "Dear {{ name }}", "attachments": attached,
    }  # fmt: skip
    post(manager, "/content/new/", content)
    sandbox = app.relays.put_sandbox(2525)
    campaign = {
        "name": EVIL, "kind": "personal", "audience": "1", "content": "1", "relay": str(sandbox),
        "sender_name": EVIL, "sender_address": "me@x.org", "postal_address": EVIL,
    }  # fmt: skip
    post(manager, "/campaigns/new/", campaign)
    return int(app.campaigns.all()[0].id)


def _answers() -> Iterator[Fact]:
    """Every kind of answer, each in the attacker's words."""
    said = {"phase": "rcpt", "dialogue": f"mail 250 {EVIL}\nrcpt 550 {EVIL}"}
    for kind, code, enhanced in (
        ("deferred", 451, "4.7.1"), ("rejected", 550, "5.1.1"), ("dead", 552, "5.3.4"),
    ):  # fmt: skip
        text = f"{code} {enhanced} {EVIL}"
        yield {"kind": kind, "code": code, "enhanced": enhanced, "text": text} | said
    yield {"kind": "unknown", "text": EVIL, "phase": "dot", "dialogue": EVIL}
    while True:
        yield {"kind": "accepted", "code": 250, "enhanced": "2.0.0", "text": EVIL} | said


def _contact(app: App) -> int:
    rows = app.contacts.page(search="evil").rows
    return int(rows[0].id)
